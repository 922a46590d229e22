"""Scenarios that the suites of Prometheus and Alertmanager are known for, on our state machine."""

from dataclasses import replace
from datetime import datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from kpi_pipeline.compute.judgement import Episodes, Judgement, judge_all
from kpi_pipeline.compute.silence import is_active
from kpi_pipeline.model.episode import Mute, Phase
from kpi_pipeline.model.moment import MINUTE, parse_moment
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.model.surroundings import Surroundings
from kpi_pipeline.model.threshold import Active, Threshold
from kpi_pipeline_tests.unit.builders import AS_OF, reading, shop, snapshot

RULE = shop().thresholds["low"]
LOW, FINE = "25", "40"


def pipeline(*rules: Threshold) -> PipelineSpec:
    return replace(shop(), thresholds={rule.name: rule for rule in rules})


def after(judgement: Judgement) -> Episodes:
    return {(item.rule, item.dims): item for item in judgement.episodes}


def run(
    rule: Threshold,
    *looks: tuple[float, str | None],
    known: Episodes | None = None,
    mutes: tuple[Mute, ...] = (),
) -> list[tuple[str, str]]:
    """Phase and what was told ('' if nothing), look by look, each so many minutes after noon."""
    episodes: Episodes = known or {}
    found = []
    for minutes, value in looks:
        now = snapshot(reading(value), as_of=AS_OF + minutes * MINUTE)
        judgement = judge_all(pipeline(rule), now, episodes, Surroundings(mutes=mutes))
        episodes = after(judgement)
        told = ",".join(notice.kind.value for _, notice in judgement.notices)
        found.append((episodes["low", ()].phase.value, told))
    return found


def test_alerting_rule() -> None:
    """Prometheus, TestAlertingRule: pending until `for` has passed, firing from then on, and an
    alert whose condition goes while it is pending is never sent."""
    rule = replace(RULE, lasting=timedelta(minutes=1))

    assert run(rule, (0, LOW), (1, LOW), (2, LOW), (5, FINE)) == [
        ("pending", ""),
        ("firing", "fire"),
        ("firing", ""),
        ("ok", "resolve"),
    ]
    assert run(rule, (0, LOW), (0.5, FINE), (1, LOW)) == [
        ("pending", ""),
        ("ok", ""),
        ("pending", ""),
    ]


@pytest.mark.parametrize("down", [pytest.param(4, id="shorter"), pytest.param(600, id="longer")])
def test_for_state_restore(down: float) -> None:
    """Prometheus, TestForStateRestore: a restart does not begin `for` anew. Here state is stored,
    so however long nobody looked, the time counts, but one look alone is not enough."""
    rule = replace(RULE, lasting=timedelta(minutes=5))
    first = judge_all(pipeline(rule), snapshot(reading(LOW)), {})

    assert run(rule, (down, LOW), (down + 1, LOW), known=after(first))[-1][0] == "firing"


def test_keep_firing_for() -> None:
    """Prometheus, TestKeepFiringFor: it stays firing for so long after the condition has gone,
    and a condition that comes back meanwhile is the same alert."""
    rule = replace(RULE, keep_firing=timedelta(minutes=5))
    looks = ((0, LOW), (1, FINE), (3, LOW), (4, FINE), (8, FINE), (9, FINE))

    assert run(rule, *looks) == [
        ("firing", "fire"),
        ("firing", ""),
        ("firing", ""),
        ("firing", ""),
        ("firing", ""),
        ("ok", "resolve"),
    ]


def test_pending_and_keep_firing_for() -> None:
    """Prometheus, TestPendingAndKeepFiringFor: what only was pending is not kept."""
    rule = replace(RULE, lasting=timedelta(minutes=1), keep_firing=timedelta(minutes=1))

    assert run(rule, (0, LOW), (0.5, FINE)) == [("pending", ""), ("ok", "")]


def test_deleted_rule_marked_stale() -> None:
    """Prometheus, TestDeletedRuleMarkedStale: a rule that is deleted leaves nothing that fires."""
    fired = judge_all(pipeline(RULE), snapshot(reading(LOW)), {})
    gone = judge_all(pipeline(), snapshot(reading(LOW)), after(fired))
    again = judge_all(pipeline(), snapshot(reading(LOW)), after(gone))

    assert [n.kind.value for _, n in gone.notices] == ["resolve"]
    assert [t.reason for t in gone.transitions] == ["the rule was deleted"]
    assert (again.transitions, again.notices) == ((), ())


@pytest.mark.parametrize(
    ("looks", "told"),
    [
        pytest.param(((0, LOW),), "fire", id="never told of: told"),
        pytest.param(((0, FINE),), "", id="never told of and not firing: not told"),
        pytest.param(((0, LOW), (9, LOW)), "", id="told within the repeat: not told"),
        pytest.param(((0, LOW), (11, LOW)), "remind", id="told longer ago: told again"),
        pytest.param(((0, LOW), (1, "15")), "escalate", id="something else fires: told"),
        pytest.param(((0, LOW), (1, FINE)), "resolve", id="all is resolved: told"),
        pytest.param(((0, LOW), (1, FINE), (20, FINE)), "", id="resolved and told: not again"),
    ],
)
def test_dedup_stage_needs_update(looks: tuple[tuple[float, str], ...], told: str) -> None:
    """Alertmanager, TestDedupStageNeedsUpdate: what was told, and when, decides whether to tell."""
    bounds = replace(RULE, repeat=timedelta(minutes=10), critical_below=Decimal(20))

    assert run(bounds, *looks)[-1][1] == told


def test_mute_stage_with_silences() -> None:
    """Alertmanager, TestMuteStageWithSilences: a silence holds back what it matches until it
    expires; what expired or was deleted holds back nothing."""
    mute = Mute(rule="low", until=AS_OF + 5 * MINUTE)

    assert [told for _, told in run(RULE, (0, LOW), (4, LOW), (5, LOW), mutes=(mute,))] == [
        "",
        "",
        "fire",
    ]
    assert run(RULE, (6, LOW), mutes=(mute,)) == [("firing", "fire")]


def test_inhibit() -> None:
    """Alertmanager, TestInhibit: a source that fires mutes its target, one that was resolved no
    longer does, and a source that also is a target of itself mutes nothing (refused here)."""
    source = replace(RULE, name="down", metric="orders", notify=("log",))
    target = replace(RULE, inhibited_by=("down",))
    spec = pipeline(source, target)

    def look(minutes: float, orders: str, known: Episodes) -> Judgement:
        found = (replace(reading(orders), metric="orders"), reading(LOW))
        return judge_all(spec, snapshot(*found, as_of=AS_OF + minutes * MINUTE), known)

    both = look(0, LOW, {})
    resolved = look(1, FINE, after(both))

    assert [n.rule for _, n in both.notices] == ["down"]
    assert [(n.rule, n.kind.value) for _, n in resolved.notices] == [
        ("down", "resolve"),
        ("low", "fire"),
    ]


SYDNEY = ZoneInfo("Australia/Sydney")
EVENING = Active(start=time(17), end=time(2, 30))


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        pytest.param("2026-04-04T16:59", False, id="before it begins"),
        pytest.param("2026-04-04T17:00", True, id="as it begins"),
        pytest.param("2026-04-04T15:15:00+00:00", True, id="02:15, the first time"),
        pytest.param("2026-04-04T15:45:00+00:00", False, id="02:45, the first time"),
        pytest.param("2026-04-04T16:15:00+00:00", True, id="02:15, the second time"),
        pytest.param("2026-10-03T15:59:00+00:00", True, id="01:59, the last minute there is"),
        pytest.param("2026-10-03T16:00:00+00:00", False, id="03:00, an hour was left out"),
    ],
)
def test_time_mute_stage(moment: str, *, expected: bool) -> None:
    """Alertmanager, TestTimeMuteStage, in Sydney, over both changes of the clock."""
    as_of: datetime = parse_moment(moment, SYDNEY)

    assert is_active(EVENING, as_of, SYDNEY) is expected


def test_cold_start() -> None:
    """After what Alertmanager does, by no test of that name: what fires when there is no state yet
    is told once; a start that begins over, with the state at hand, tells nothing again."""
    first = judge_all(pipeline(RULE), snapshot(reading(LOW)), {})
    again = judge_all(pipeline(RULE), snapshot(reading(LOW)), after(first))

    assert [n.kind.value for _, n in first.notices] == ["fire"]
    assert again.notices == ()
    assert after(again)["low", ()].phase is Phase.FIRING
