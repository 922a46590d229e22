"""No value for too long is an alert of its own; groups that are gone; drift; changes."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from kpi_pipeline.compute.judge import judge
from kpi_pipeline.compute.judgement import Episodes, Judgement, judge_all
from kpi_pipeline.compute.seen import MOST_MISSED
from kpi_pipeline.model.episode import Evidence, Mute, Phase
from kpi_pipeline.model.moment import MINUTE
from kpi_pipeline.model.snapshot import Reading, Snapshot
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.model.surroundings import Surroundings
from kpi_pipeline.model.threshold import Against
from kpi_pipeline_tests.unit.builders import AS_OF, RULE, reading, shop, snapshot

BOUND = "warn_below: 30"
STALE = shop(BOUND, f"{BOUND}\n      stale_for: 30m")
OLD = """\
      metric: average
      window: today
      warn_below: 30
"""
CHANGE = replace(
    RULE,
    warn_below=Decimal(-20),
    critical_below=Decimal(-50),
    against=Against.PERCENT,
    unit="%",
)


def known(judgement: Judgement) -> Episodes:
    return {(item.rule, item.dims): item for item in judgement.episodes}


def run(
    spec: PipelineSpec, *looks: tuple[float, str | None], around: Surroundings | None = None
) -> list[list[tuple[str, str]]]:
    """Rule and kind of what each look told; each so many minutes after noon."""
    episodes: Episodes = {}
    found = []
    for minutes, value in looks:
        now = snapshot(reading(value), as_of=AS_OF + minutes * MINUTE)
        judgement = judge_all(spec, now, episodes, around or Surroundings())
        episodes = known(judgement)
        found.append([(notice.rule, notice.text) for _, notice in judgement.notices])
    return found


def test_no_value_for_too_long_is_an_alert_of_its_own() -> None:
    looks = ((0, "25"), (1, None), (30, None), (31, None), (32, None), (90, "26"), (91, "40"))

    assert run(STALE, *looks) == [
        [("low", "WARN average 25 < 30")],
        [],
        [],
        [("low.no_data", "WARN average has no value for 30m")],
        [],
        [("low.no_data", "OK average has a value again: 26 after 1h 29m")],
        [("low", "OK average 40 is within bounds after 1h 31m")],
    ]


def test_a_mute_of_a_rule_mutes_its_no_data_too() -> None:
    mute = Mute(rule="low", until=AS_OF + timedelta(days=1))

    assert run(STALE, (0, None), (40, None), around=Surroundings(mutes=(mute,))) == [[], []]


def test_history_that_is_still_filled_is_not_missing() -> None:
    filling = replace(reading(None), building=True)
    judgement = judge_all(STALE, snapshot(filling), {})

    assert [v.evidence for v in judgement.verdicts if v.rule == "low.no_data"] == [Evidence.MISSING]


@pytest.mark.parametrize(
    ("value", "baseline", "evidence", "reason"),
    [
        ("65", "100", Evidence.BREACH, "-35 % < -20 %"),
        ("40", "100", Evidence.BREACH, "-60 % < -50 %"),
        ("80", "100", Evidence.CLEAR, "-20 % is within bounds"),
        ("-130", "-100", Evidence.BREACH, "-30 % < -20 %"),
        ("65", None, Evidence.MISSING, "there is nothing to compare with"),
        ("65", "0", Evidence.MISSING, "there is nothing to compare with"),
        ("65", "NaN", Evidence.MISSING, "there is nothing to compare with"),
        (None, "100", Evidence.MISSING, "there is no value"),
    ],
)
def test_a_rule_may_be_about_the_change_in_percent(
    value: str | None, baseline: str | None, evidence: Evidence, reason: str
) -> None:
    before = None if baseline is None else Decimal(baseline)

    found = judge(CHANGE, replace(reading(value), baseline=before))

    assert (found.evidence, found.reason) == (evidence, reason)


def test_a_rule_may_be_about_the_difference() -> None:
    rule = replace(CHANGE, against=Against.DIFFERENCE, unit="USD")

    found = judge(rule, replace(reading("65"), baseline=Decimal(100)))

    assert (found.reason, found.value, found.baseline) == (
        "-35.00 < -20.00",
        Decimal(-35),
        Decimal(100),
    )


def test_while_it_fires_a_change_is_held_against_what_it_fired_on() -> None:
    """Else a week of low sales would be healthy after a week."""
    spec = replace(shop(), thresholds={"low": CHANGE})
    first = snapshot(replace(reading("65"), baseline=Decimal(100)))
    fired = judge_all(spec, first, {})
    later = snapshot(replace(reading("65"), baseline=Decimal(60)), as_of=AS_OF + MINUTE)

    then = judge_all(spec, later, known(fired))

    assert [v.phase for v in then.verdicts if v.rule == "low"] == [Phase.FIRING]
    assert then.verdicts[0].reason == "-35 % < -20 %"


def test_a_message_about_a_change_says_what_was_compared() -> None:
    spec = replace(shop(), thresholds={"low": CHANGE})
    fired = judge_all(spec, snapshot(replace(reading("65"), baseline=Decimal(100))), {})

    facts = dict(fired.notices[0][1].facts)
    assert (facts["Value"], facts["7 days before"]) == ("-35 %", "100, now 65")


def grouped(bound: str) -> PipelineSpec:
    return shop(OLD, OLD.replace("average", "by_kind").replace("warn_below: 30", bound))


def by_kind(value: str, kind: str) -> Reading:
    return replace(reading(value, dims=(kind,)), metric="by_kind")


def without(*present: Reading) -> Snapshot:
    nobody = replace(by_kind("0", ""), dims=(), rows=0)
    return replace(snapshot(*present), absent=(nobody,))


@pytest.mark.parametrize(
    ("bound", "expected"),
    [
        pytest.param("below: 30", [("DELI",)], id="too low by itself"),
        pytest.param("above: 90", [], id="not too high"),
        pytest.param("below: 30\n      min_count: 1", [], id="no evidence with a min_count"),
    ],
)
def test_a_group_that_was_there_once_and_is_gone_reads_as_nothing(
    bound: str, expected: list[tuple[str]]
) -> None:
    spec = grouped(bound)
    healthy = judge_all(spec, without(by_kind("40", "DELI"), by_kind("50", "FISH")), {})

    gone = judge_all(spec, without(by_kind("50", "FISH")), known(healthy))

    assert [t.dims for t in gone.transitions] == expected


def test_groups_that_come_and_go_in_crowds_are_nobodys_problem() -> None:
    spec = grouped("below: 30")
    crowd = [by_kind("40", str(number)) for number in range(MOST_MISSED + 1)]
    healthy = judge_all(spec, without(*crowd), {})

    assert judge_all(spec, without(), known(healthy)).transitions == ()


def drifting(drifted: int | None, episodes: Episodes) -> Judgement:
    spec = shop("freshness: {warn_after: 10m}", "audit: {notify: log, repeat: 1d}")
    return judge_all(spec, snapshot(reading("40")), episodes, Surroundings(drifted=drifted))


def test_an_audit_that_finds_drift_is_told_until_one_finds_none() -> None:
    none = drifting(None, {})
    found = drifting(12, known(none))
    again = drifting(12, known(found))
    mended = drifting(0, known(again))

    texts = [[n.text for _, n in item.notices] for item in (none, found, again, mended)]
    assert texts == [
        [],
        ["WARN source_drift 12 > 0"],
        [],
        ["OK source_drift 0 is within bounds"],
    ]


def test_without_a_channel_for_audits_there_is_no_rule_of_drift() -> None:
    judgement = judge_all(shop(), snapshot(reading("40")), {}, Surroundings(drifted=12))

    assert "source_drift" not in {v.rule for v in judgement.verdicts}
