"""The pseudo-rule `pipeline_failure`: when it fires, what it says, when it ends."""

from dataclasses import replace
from datetime import timedelta

from kpi_pipeline.compute.failing import channels_of, failed, went_well
from kpi_pipeline.compute.failure_messages import failure_episode
from kpi_pipeline.model.episode import Mute, Phase
from kpi_pipeline.model.notice import Level, NoticeKind
from kpi_pipeline.model.pulse import RULE, FailurePlan, Pulse
from kpi_pipeline_tests.unit.builders import AS_OF, shop

MINUTE = timedelta(minutes=1)
SPEC = replace(shop(), failures=FailurePlan(after=5 * MINUTE, notify=("slack", "log")))
FIRING = Pulse(
    failing_since=AS_OF, failures=4, fired_at=AS_OF + 5 * MINUTE, number=2, told=("slack",), why="x"
)


def test_the_first_failure_is_written_down_and_told_to_nobody() -> None:
    beat = failed(SPEC, Pulse(), "the source is away", AS_OF)

    assert beat.pulse == Pulse(failing_since=AS_OF, failures=1, why="the source is away")
    assert beat.transition is not None
    assert (beat.transition.before, beat.transition.after) == (Phase.OK, Phase.PENDING)
    assert beat.notice is None


def test_it_fires_when_it_has_lasted() -> None:
    pulse = Pulse(failing_since=AS_OF, failures=1, number=1)
    early = failed(SPEC, pulse, "away", AS_OF + 4 * MINUTE)
    beat = failed(SPEC, early.pulse, "away", AS_OF + 6 * MINUTE)

    assert (early.notice, early.transition) == (None, None)
    assert beat.notice is not None
    assert beat.told == ("slack", "log")
    assert beat.notice.text == "CRIT shop fails for 6m: away"
    assert beat.notice.key == f"shop/{RULE}/2/fire/critical"
    assert dict(beat.notice.facts) == {
        "Failing since": "2026-11-24 07:00 EST",
        "Failures": "3",
        "Last error": "away",
    }
    assert beat.pulse.fired_at == AS_OF + 6 * MINUTE


def test_one_failure_after_a_long_silence_is_no_state() -> None:
    plan = replace(SPEC, failures=FailurePlan(after=timedelta(0), notify=("slack",)))
    first = failed(plan, Pulse(), "away", AS_OF)
    second = failed(plan, first.pulse, "away", AS_OF)

    assert first.notice is None
    assert second.notice is not None


def test_a_firing_one_says_nothing_more_and_remembers_the_last_reason() -> None:
    known = replace(FIRING, told=("slack", "log"))
    beat = failed(SPEC, known, "y", AS_OF + 9 * MINUTE)

    assert (beat.notice, beat.transition) == (None, None)
    assert (beat.pulse.why, beat.pulse.failures) == ("y", 5)


def test_a_channel_that_is_named_while_it_fires_is_told_once() -> None:
    beat = failed(SPEC, FIRING, "y", AS_OF + 9 * MINUTE)
    again = failed(SPEC, beat.pulse, "y", AS_OF + 10 * MINUTE)

    assert (beat.told, beat.pulse.told) == (("log",), ("slack", "log"))
    assert beat.notice is not None
    assert beat.notice.key == f"shop/{RULE}/2/fire/critical"
    assert beat.transition is not None
    assert beat.transition.reason == "y, told only now"
    assert (again.notice, again.transition) == (None, None)


HOURLY = replace(SPEC, failures=replace(SPEC.failures, repeat=60 * MINUTE))


def test_it_is_told_again_after_repeat_and_each_reminder_once() -> None:
    fired = failed(HOURLY, replace(FIRING, fired_at=None, told=()), "x", AS_OF + 5 * MINUTE)
    early = failed(HOURLY, fired.pulse, "x", AS_OF + 64 * MINUTE)
    first = failed(HOURLY, early.pulse, "y", AS_OF + 65 * MINUTE)
    same = failed(HOURLY, first.pulse, "y", AS_OF + 66 * MINUTE)
    second = failed(HOURLY, same.pulse, "y", AS_OF + 125 * MINUTE)

    assert (early.notice, same.notice) == (None, None)
    assert first.notice is not None
    assert first.transition is not None
    assert second.notice is not None
    assert (first.notice.kind, first.told) == (NoticeKind.REMIND, ("slack", "log"))
    assert first.notice.text == "CRIT shop fails for 1h 5m: y"
    assert first.transition.reason == "y, reminder 1"
    assert first.notice.key == f"shop/{RULE}/3/remind/critical/1"
    assert (second.notice.number, second.notice.key[-2:]) == (2, "/2")


def test_whoever_took_it_hears_no_more_of_it_but_its_end() -> None:
    taken = replace(FIRING, acknowledged=AS_OF + 9 * MINUTE)
    beat = failed(HOURLY, taken, "x", AS_OF + 300 * MINUTE)
    over = went_well(HOURLY, beat.pulse, AS_OF + 301 * MINUTE)

    assert (beat.notice, beat.transition) == (None, None)
    assert over.told == ("slack",)
    assert over.pulse.acknowledged is None


def test_a_clock_that_ran_ahead_holds_nothing_back() -> None:
    ahead = Pulse(failing_since=AS_OF + timedelta(days=1), failures=1)
    now = failed(SPEC, ahead, "x", AS_OF)
    beat = failed(SPEC, now.pulse, "x", AS_OF + 5 * MINUTE)

    assert beat.notice is not None


def test_failures_stand_like_any_alert() -> None:
    waits, fires = failure_episode(Pulse(failing_since=AS_OF)), failure_episode(FIRING)

    assert failure_episode(Pulse()) is None
    assert waits is not None
    assert fires is not None
    assert (waits.phase, waits.was_told) == (Phase.PENDING, False)
    assert (fires.phase, fires.was_told, fires.number) == (Phase.FIRING, True, 2)
    assert (fires.level, fires.since, fires.told) == (Level.CRITICAL, AS_OF, ("slack",))


def test_a_mute_is_kept_and_whoever_waited_is_told_when_it_ends() -> None:
    mute = Mute(rule=RULE, until=AS_OF + 20 * MINUTE, by="kim")
    early = Pulse(failing_since=AS_OF, failures=1)
    muted = failed(SPEC, early, "away", AS_OF + 6 * MINUTE, mute)
    still = failed(SPEC, muted.pulse, "away", AS_OF + 7 * MINUTE, mute)
    spoken = failed(SPEC, still.pulse, "away", AS_OF + 21 * MINUTE)
    over = went_well(SPEC, still.pulse, AS_OF + 9 * MINUTE)

    assert (muted.notice, muted.pulse.fired_at) == (None, AS_OF + 6 * MINUTE)
    assert muted.transition is not None
    assert muted.transition.suppressed == "muted until 2026-11-24 07:20 (kim)"
    assert (still.notice, still.transition, over.notice) == (None, None, None)
    assert spoken.told == ("slack", "log")
    assert spoken.notice is not None
    assert spoken.notice.text == "CRIT shop fails for 21m: away"


def test_its_end_is_told_to_whoever_was_told() -> None:
    beat = went_well(SPEC, FIRING, AS_OF + 12 * MINUTE)

    assert beat.notice is not None
    assert beat.told == ("slack",)
    assert beat.notice.kind is NoticeKind.RESOLVE
    assert beat.notice.text == "OK shop works again after 12m"
    assert beat.notice.key == f"shop/{RULE}/2/resolve/critical"
    assert beat.pulse == Pulse(looked_at=AS_OF + 12 * MINUTE, number=2)
    assert went_well(SPEC, beat.pulse, AS_OF + 12 * MINUTE).notice is None


def test_without_a_channel_it_is_written_down_alone() -> None:
    silent = replace(SPEC, failures=FailurePlan())
    fired = failed(silent, Pulse(failing_since=AS_OF, failures=1), "away", AS_OF + 6 * MINUTE)
    over = went_well(silent, fired.pulse, AS_OF + 9 * MINUTE)

    assert (fired.notice, over.notice) == (None, None)
    assert fired.transition is not None
    assert over.transition is not None
    assert over.transition.before is Phase.FIRING


def test_a_failure_that_did_not_last_ends_in_silence() -> None:
    beat = went_well(SPEC, Pulse(failing_since=AS_OF, failures=1), AS_OF + MINUTE)

    assert beat.notice is None
    assert beat.transition is not None
    assert beat.transition.before is Phase.PENDING


def test_every_good_look_is_written_down() -> None:
    later = AS_OF + timedelta(seconds=30)

    assert went_well(SPEC, Pulse(looked_at=AS_OF), later).pulse == Pulse(looked_at=later)


def test_a_long_error_stays_within_the_limits_of_a_message() -> None:
    beat = failed(SPEC, Pulse(failing_since=AS_OF, failures=1), "e" * 900, AS_OF + 6 * MINUTE)

    assert beat.notice is not None
    assert len(beat.notice.text) == 140
    assert len(dict(beat.notice.facts)["Last error"]) == 500


def test_the_channels_of_a_rule_are_known_by_its_name() -> None:
    assert channels_of(SPEC, RULE, Level.CRITICAL) == ("slack", "log")
    assert channels_of(SPEC, "low", Level.WARN) == ("slack",)
    assert channels_of(SPEC, "gone", Level.WARN) == ()
