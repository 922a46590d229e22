from dataclasses import replace
from datetime import timedelta

import pytest

from kpi_pipeline.compute.judgement import Episodes, Judgement, judge_all
from kpi_pipeline.model.episode import Episode, Phase
from kpi_pipeline.model.moment import MINUTE
from kpi_pipeline.model.notice import Level
from kpi_pipeline.model.snapshot import Snapshot
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline_tests.unit.builders import AS_OF, reading, shop, snapshot

SPEC = shop()


def known(judgement: Judgement) -> Episodes:
    return {(item.rule, item.dims): item for item in judgement.episodes}


def later(minutes: int, value: str) -> Snapshot:
    return snapshot(reading(value), as_of=AS_OF + minutes * MINUTE)


def told(judgement: Judgement) -> list[tuple[str, str]]:
    return [(channel, message.key) for channel, message in judgement.notices]


def test_every_rule_has_its_verdict_and_freshness_too() -> None:
    judgement = judge_all(SPEC, snapshot(reading("40")), {})

    assert [(v.rule, v.phase) for v in judgement.verdicts] == [
        ("low", Phase.OK),
        ("freshness", Phase.OK),
    ]
    assert (judgement.transitions, judgement.notices) == ((), ())


def test_a_breach_is_told_on_every_channel_of_its_rule() -> None:
    spec = shop("notify: [slack]", "notify: [slack, log]")

    judgement = judge_all(spec, snapshot(reading("25")), {})

    assert told(judgement) == [
        ("slack", "shop/low/1/fire/warn"),
        ("log", "shop/low/1/fire/warn"),
    ]


def test_a_verdict_says_where_the_alert_stands_after_it() -> None:
    judgement = judge_all(SPEC, snapshot(reading("25")), {})

    assert judgement.verdicts[0].phase is Phase.FIRING


def test_every_group_is_an_alert_of_its_own() -> None:
    deli, bakery = reading("25", dims=("DELI",)), reading("40", dims=("BAKERY",))

    judgement = judge_all(SPEC, snapshot(deli, bakery), {})

    assert [(e.dims, e.phase) for e in judgement.episodes] == [
        (("DELI",), Phase.FIRING),
        (("BAKERY",), Phase.OK),
        ((), Phase.OK),
    ]


def test_an_episode_goes_on_where_it_stood() -> None:
    first = judge_all(SPEC, later(0, "25"), {})
    second = judge_all(SPEC, later(1, "26"), known(first))
    third = judge_all(SPEC, later(2, "40"), known(second))

    assert [told(first), told(second), told(third)] == [
        [("slack", "shop/low/1/fire/warn")],
        [],
        [("slack", "shop/low/1/resolve/warn")],
    ]


@pytest.mark.parametrize(
    ("episode", "transitions"),
    [
        pytest.param(Episode(rule="gone", dims=(), definition="x"), 0, id="while all was well"),
        pytest.param(
            Episode(rule="gone", dims=(), definition="x", phase=Phase.PENDING),
            1,
            id="while pending",
        ),
        pytest.param(
            Episode(
                rule="gone",
                dims=(),
                definition="x",
                phase=Phase.FIRING,
                level=Level.WARN,
                notified=Level.WARN,
                number=3,
            ),
            1,
            id="while firing",
        ),
    ],
)
def test_the_episode_of_a_deleted_rule_ends(episode: Episode, transitions: int) -> None:
    judgement = judge_all(SPEC, snapshot(reading("40")), {("gone", ()): episode})

    assert [v.rule for v in judgement.verdicts] == ["low", "freshness"]
    assert [t.reason for t in judgement.transitions] == ["the rule was deleted"] * transitions


def stale(spec: PipelineSpec, age: timedelta) -> Judgement:
    return judge_all(spec, replace(snapshot(reading("40")), watermark=AS_OF - age), {})


@pytest.mark.parametrize(
    ("age", "level"),
    [
        pytest.param(timedelta(minutes=10), Level.NONE, id="as old as it may be"),
        pytest.param(timedelta(minutes=10, seconds=1), Level.WARN, id="a second older"),
        pytest.param(timedelta(hours=2), Level.CRITICAL, id="far too old"),
    ],
)
def test_data_that_stopped_is_a_breach_of_freshness(age: timedelta, level: Level) -> None:
    spec = shop("{warn_after: 10m}", "{warn_after: 10m, critical_after: 1h}")

    assert stale(spec, age).verdicts[-1].level is level
