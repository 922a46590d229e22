"""Groups that alert and then have no row in the window any more: midnight does that."""

from dataclasses import replace
from decimal import Decimal

from kpi_pipeline.compute.judgement import Judgement, judge_all
from kpi_pipeline.model.declaration.lines import parse_text
from kpi_pipeline.model.episode import Phase
from kpi_pipeline.model.notice import NoticeKind
from kpi_pipeline.model.snapshot import Reading
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline_tests.unit.builders import reading, shop, shop_text, snapshot

OLD = """\
      metric: average
      window: today
      warn_below: 30
"""


def spec(bound: str = "above") -> PipelineSpec:
    return shop(OLD, OLD.replace("average", "by_kind").replace("warn_below", bound))


def by_kind(value: str, kind: str) -> Reading:
    return replace(reading(value, dims=(kind,)), metric="by_kind")


def then(first: Judgement, pipeline: PipelineSpec, *readings: Reading) -> Judgement:
    known = {(episode.rule, episode.dims): episode for episode in first.episodes}
    nobody = replace(by_kind("0", ""), dims=(), rows=0)
    return judge_all(pipeline, replace(snapshot(*readings), absent=(nobody,)), known)


def kinds(judgement: Judgement) -> list[NoticeKind]:
    return [notice.kind for _, notice in judgement.notices]


def test_a_high_sum_that_is_gone_is_over() -> None:
    fired = judge_all(spec(), snapshot(by_kind("40", "DELI")), {})

    gone = then(fired, spec())

    assert kinds(fired) == [NoticeKind.FIRE]
    assert kinds(gone) == [NoticeKind.RESOLVE]
    assert [v.value for v in gone.verdicts if v.dims] == [Decimal(0)]


def test_a_low_sum_that_is_gone_stays_low() -> None:
    low = spec("below")
    fired = judge_all(low, snapshot(by_kind("20", "DELI")), {})

    gone = then(fired, low)

    assert kinds(gone) == []
    assert [v.phase for v in gone.verdicts if v.dims] == [Phase.FIRING]


def test_groups_of_another_number_of_columns_are_ended() -> None:
    fired = judge_all(spec(), snapshot(by_kind("40", "DELI")), {})
    metrics = dict(spec().metrics)
    metrics["by_kind"] = replace(spec().simple_metrics[2], group_by=("kind", "shop"))

    gone = then(fired, replace(spec(), metrics=metrics))

    assert kinds(gone) == [NoticeKind.RESOLVE]
    assert [v.dims for v in gone.verdicts if v.rule == "low"] == []


def regrouped(pipeline: str) -> PipelineSpec:
    return parse_text("shop", pipeline.replace("group_by: kind", "group_by: region"), "defs.yaml")


def test_values_of_another_column_are_no_groups_that_are_gone() -> None:
    low = shop_text(OLD, OLD.replace("average", "by_kind").replace("warn_below", "below"))
    before = parse_text("shop", low, "defs.yaml")
    well, fired = (judge_all(before, snapshot(by_kind(v, "DELI")), {}) for v in ("40", "20"))

    fine = then(well, regrouped(low), by_kind("40", "EU"))
    ended = then(fired, regrouped(low), by_kind("40", "EU"))

    assert kinds(fine) == []
    assert kinds(ended) == [NoticeKind.RESOLVE]
    assert [v.dims for v in ended.verdicts if v.rule == "low"] == [("EU",)]


def test_a_group_that_an_earlier_release_wrote_goes_on() -> None:
    low = spec("below")
    fired = judge_all(low, snapshot(by_kind("20", "DELI")), {})
    plain = tuple(replace(e, definition=e.definition.split("/")[0]) for e in fired.episodes)

    gone = then(replace(fired, episodes=plain), low)

    assert kinds(gone) == []
    assert [(e.phase, e.number) for e in gone.episodes if e.dims] == [(Phase.FIRING, 1)]
    assert {(e.dims, e.definition) for e in gone.episodes} >= {
        (e.dims, e.definition) for e in fired.episodes
    }


def test_two_groups_never_share_a_key_whatever_their_values_hold() -> None:
    groups = [("a, b", "c"), ("a", "b, c"), (None,), ("(null)",), ("x" * 200,), ("x" * 201,)]
    readings = [replace(by_kind("40", ""), dims=dims) for dims in groups]

    keys = [notice.key for _, notice in judge_all(spec(), snapshot(*readings), {}).notices]

    assert len(set(keys)) == len(groups)
    assert max(map(len, keys)) < 120


def test_the_end_is_told_to_the_channels_that_were_told_of_the_problem() -> None:
    fired = judge_all(spec(), snapshot(by_kind("40", "DELI")), {})
    deleted = replace(spec(), thresholds={})

    gone = then(fired, deleted)

    assert [channel for channel, _ in gone.notices] == ["slack"]
    assert kinds(gone) == [NoticeKind.RESOLVE]
