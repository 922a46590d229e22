"""Why nobody is told: mutes, hours, inhibition, history that is folded again, old looks."""

from dataclasses import replace
from datetime import time, timedelta
from zoneinfo import ZoneInfo

import pytest

from kpi_pipeline.compute.judgement import Episodes, Judgement, judge_all
from kpi_pipeline.compute.silence import is_active
from kpi_pipeline.model.episode import Mute, Phase
from kpi_pipeline.model.moment import MINUTE, parse_moment
from kpi_pipeline.model.notice import Level
from kpi_pipeline.model.snapshot import Reading
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.model.surroundings import Surroundings
from kpi_pipeline.model.threshold import Active
from kpi_pipeline_tests.unit.builders import AS_OF, reading, shop, snapshot

HOUR = timedelta(hours=1)
SPEC = shop()
NOTIFY = "      notify: [slack]\n"
OTHERS = """
    other: {metric: orders, window: today, below: 5}
    grouped: {metric: by_kind, window: today, below: 5}
    kinds: {metric: by_kind, window: today, above: 50, inhibited_by: [grouped], notify: log}
"""


def transitions(judgement: Judgement, rule: str = "low") -> list[tuple[Phase, str]]:
    return [(t.after, t.suppressed) for t in judgement.transitions if t.rule == rule]


def told(judgement: Judgement) -> list[str]:
    return [notice.rule for _, notice in judgement.notices]


def known(judgement: Judgement) -> Episodes:
    return {(item.rule, item.dims): item for item in judgement.episodes}


def orders(value: str) -> Reading:
    return replace(reading(value), metric="orders")


def by_kind(value: str, kind: str) -> Reading:
    return replace(reading(value, dims=(kind,)), metric="by_kind")


@pytest.mark.parametrize(
    ("mute", "expected"),
    [
        pytest.param(
            Mute(rule="low", until=AS_OF + HOUR, why="deploy", by="kim"),
            "muted until 2026-11-24 08:00 (kim, deploy)",
            id="while it holds",
        ),
        pytest.param(
            Mute(rule="low", until=AS_OF + HOUR),
            "muted until 2026-11-24 08:00",
            id="without a reason",
        ),
        pytest.param(Mute(rule="low", until=AS_OF), "", id="until it is over"),
        pytest.param(Mute(rule="high", until=AS_OF + HOUR), "", id="of another rule"),
    ],
)
def test_a_rule_that_is_muted_says_nothing(mute: Mute, expected: str) -> None:
    judgement = judge_all(SPEC, snapshot(reading("25")), {}, Surroundings(mutes=(mute,)))

    assert transitions(judgement) == [(Phase.FIRING, expected)]
    assert told(judgement) == ([] if expected else ["low"])


def test_a_mute_is_held_against_the_clock_of_the_state_not_that_of_the_source() -> None:
    mute = Mute(rule="low", until=AS_OF + MINUTE)
    late = replace(snapshot(reading("25")), computed_at=AS_OF + 2 * MINUTE)

    assert told(judge_all(SPEC, late, {}, Surroundings(mutes=(mute,)))) == ["low"]


@pytest.mark.parametrize(
    ("age", "expected"),
    [(2 * HOUR, "the last look was 2h ago"), (HOUR, ""), (-HOUR, "")],
    ids=["an old look", "a young one", "a clock set back meanwhile"],
)
def test_nobody_is_paged_by_what_was(age: timedelta, expected: str) -> None:
    judgement = judge_all(SPEC, snapshot(reading("25")), {}, Surroundings(look_age=age))

    assert transitions(judgement) == [(Phase.FIRING, expected)]


@pytest.mark.parametrize("hours", [-30, 30])
def test_a_source_whose_clock_is_far_off_silences_nobody(hours: int) -> None:
    found = replace(snapshot(reading("25")), computed_at=AS_OF + hours * HOUR)

    assert told(judge_all(SPEC, found, {})) == ["low"]


def test_half_of_a_history_is_no_breach_that_is_told_when_all_of_it_is_folded() -> None:
    spec = shop("warn_below: 30", "warn_below: 30\n      clear_above: 35")
    half = judge_all(spec, snapshot(replace(reading("25"), refolding=True)), {})
    whole = judge_all(spec, snapshot(reading("32")), known(half))

    assert (told(half), told(whole), transitions(whole)) == ([], [], [])
    assert half.verdicts[0].reason == "25 < 30, but history is being folded again"


def test_half_of_a_history_makes_what_fires_no_worse() -> None:
    spec = shop("warn_below: 30", "warn_below: 30\n      critical_below: 20")
    fired = judge_all(spec, snapshot(reading("25")), {})
    half = judge_all(spec, snapshot(replace(reading("10"), refolding=True)), known(fired))
    whole = judge_all(spec, snapshot(reading("25")), known(half))

    assert (told(fired), told(half), told(whole)) == (["low"], [], [])
    (low,) = (item for item in whole.episodes if item.rule == "low")
    assert (low.level, str(low.peak)) == (Level.WARN, "25")


def test_what_broke_while_history_was_folded_again_is_told_afterwards() -> None:
    half = judge_all(SPEC, snapshot(replace(reading("25"), refolding=True)), {})

    assert told(judge_all(SPEC, snapshot(reading("25")), known(half))) == ["low"]


def test_half_of_a_history_does_not_end_what_was_told() -> None:
    fired = judge_all(SPEC, snapshot(reading("25")), {})
    half = snapshot(replace(reading("40"), refolding=True))
    held = judge_all(SPEC, half, known(fired))
    ended = judge_all(SPEC, snapshot(reading("40")), known(held))

    assert (told(held), told(ended)) == ([], ["low"])
    assert "history is being folded again" in held.verdicts[0].reason


@pytest.mark.parametrize(
    ("as_of", "expected"),
    [
        ("2026-11-24T07:59:59", False),
        ("2026-11-24T08:00", True),
        ("2026-11-24T19:59", True),
        ("2026-11-24T20:00", False),
        ("2026-11-28T12:00", False),
    ],
)
def test_active_hours_are_those_of_the_business_day(as_of: str, *, expected: bool) -> None:
    zone = ZoneInfo("America/New_York")
    office = Active(start=time(8), end=time(20), days=frozenset(range(5)))

    assert is_active(office, parse_moment(as_of, zone), zone) is expected


@pytest.mark.parametrize(
    ("as_of", "expected"),
    [
        ("2026-11-27T21:59", False),
        ("2026-11-27T22:00", True),
        ("2026-11-28T05:59", True),
        ("2026-11-28T06:00", False),
        ("2026-11-28T23:00", False),
    ],
)
def test_hours_over_midnight_belong_to_the_day_they_begin_on(as_of: str, *, expected: bool) -> None:
    zone = ZoneInfo("America/New_York")
    friday_night = Active(start=time(22), end=time(6), days=frozenset({4}))

    assert is_active(friday_night, parse_moment(as_of, zone), zone) is expected


def test_outside_its_hours_a_rule_is_silent_and_speaks_when_they_begin() -> None:
    spec = shop(NOTIFY, NOTIFY + "      active: {hours: '08:00-20:00'}\n")
    first = judge_all(spec, snapshot(reading("25")), {})
    eight = snapshot(reading("25"), as_of=AS_OF + HOUR)
    then = judge_all(spec, eight, known(first))

    assert transitions(first) == [(Phase.FIRING, "outside its active hours (08:00-20:00)")]
    assert (told(first), told(then)) == ([], ["low"])


def inhibited() -> PipelineSpec:
    return shop(NOTIFY, f"{NOTIFY}      inhibited_by: [other, freshness]{OTHERS}")


def test_a_rule_is_silent_beside_the_rule_that_explains_it() -> None:
    both = judge_all(inhibited(), snapshot(reading("25"), orders("1")), {})
    alone = judge_all(inhibited(), snapshot(reading("25"), orders("9")), known(both))

    assert transitions(both) == [(Phase.FIRING, "inhibited by other")]
    assert (told(both), told(alone)) == ([], ["low"])


def test_data_that_is_not_fresh_may_silence_a_rule() -> None:
    stale = replace(snapshot(reading("25"), orders("9")), watermark=AS_OF - HOUR)

    assert transitions(judge_all(inhibited(), stale, {})) == [
        (Phase.FIRING, "inhibited by freshness")
    ]


def test_a_group_is_silenced_by_the_same_group_alone() -> None:
    spec = shop(NOTIFY, NOTIFY + OTHERS.replace("above: 50", "below: 100"))

    judgement = judge_all(spec, snapshot(by_kind("60", "DELI"), by_kind("1", "FISH")), {})

    assert [(t.dims, t.suppressed) for t in judgement.transitions if t.rule == "kinds"] == [
        (("DELI",), ""),
        (("FISH",), "inhibited by grouped"),
    ]
