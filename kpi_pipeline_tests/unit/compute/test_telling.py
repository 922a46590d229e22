"""Reminders, silences that end, acknowledgements, and who is told at which level."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from kpi_pipeline.compute.telling import UNTOLD, Step, step
from kpi_pipeline.model.episode import Episode, Phase, Verdict
from kpi_pipeline.model.moment import MINUTE
from kpi_pipeline.model.notice import Level
from kpi_pipeline.model.threshold import Threshold
from kpi_pipeline_tests.unit.builders import (
    AS_OF,
    CLEAR,
    CRITICAL,
    EPISODE,
    HOLD,
    MISSING,
    RULE,
    WARN,
)

HOURLY = replace(RULE, repeat=timedelta(hours=1))
KEEPING = replace(RULE, keep_firing=timedelta(minutes=10))
BY_LEVEL = replace(RULE, notify=("slack",), notify_critical=("pagerduty", "slack"))
MUTED = "muted until noon"

Look = tuple[float, Verdict, str]


def history(rule: Threshold, *looks: Look, start: Episode = EPISODE) -> list[Step]:
    """The steps of one alert, each look so many minutes after noon, with a silence or ''."""
    steps = [Step(replace(start, definition=rule.definition))]
    for minutes, found, silence in looks:
        at = AS_OF + minutes * MINUTE
        steps.append(step(rule, steps[-1].episode, found, at, silence))
    return steps[1:]


def told(steps: list[Step]) -> list[str]:
    return [item.kind.value if item.kind else "" for item in steps]


def suppressed(steps: list[Step]) -> list[str | None]:
    return [item.transition.suppressed if item.transition else None for item in steps]


@pytest.mark.parametrize("silence", ["muted", "inhibited by other", "outside its active hours"])
def test_a_rule_that_is_silent_goes_on_judging_and_says_nothing(silence: str) -> None:
    steps = history(RULE, (0, WARN, silence), (1, CRITICAL, silence), (2, CLEAR, silence))

    assert told(steps) == ["", "", ""]
    assert [item.episode.phase for item in steps] == [Phase.FIRING, Phase.FIRING, Phase.OK]
    assert suppressed(steps) == [silence, silence, UNTOLD]


def test_what_was_not_told_is_told_when_the_silence_ends() -> None:
    steps = history(RULE, (0, WARN, MUTED), (1, WARN, MUTED), (2, WARN, ""), (3, WARN, ""))

    assert told(steps) == ["", "", "fire", ""]
    assert suppressed(steps) == [MUTED, None, "", None]
    assert steps[2].transition is not None
    assert steps[2].transition.reason == "as told, told only now"


def test_a_rise_that_was_not_told_is_told_when_the_silence_ends() -> None:
    steps = history(RULE, (0, WARN, ""), (1, CRITICAL, MUTED), (2, WARN, ""), (3, CLEAR, ""))

    assert told(steps) == ["fire", "", "escalate", "resolve"]


def test_what_is_over_before_the_silence_ends_is_never_told() -> None:
    assert told(history(RULE, (0, WARN, MUTED), (1, CLEAR, MUTED), (2, CLEAR, ""))) == ["", "", ""]


def test_an_end_is_told_even_in_silence_if_the_beginning_was() -> None:
    steps = history(RULE, (0, WARN, ""), (1, CLEAR, MUTED))

    assert told(steps) == ["fire", "resolve"]
    assert steps[1].channels == ("slack",)


def test_a_reminder_comes_whenever_it_has_lasted_so_long_again() -> None:
    looks = [(minutes, WARN, "") for minutes in (0, 59, 60, 61, 119, 120, 400, 401)]
    steps = history(HOURLY, *looks)

    assert told(steps) == ["fire", "", "remind", "", "", "remind", "remind", ""]
    assert [item.episode.reminders for item in steps] == [0, 0, 1, 1, 1, 2, 3, 3]


@pytest.mark.parametrize(
    "found",
    [pytest.param(HOLD, id="in the band"), pytest.param(MISSING, id="without a value")],
)
def test_a_reminder_needs_no_new_breach(found: Verdict) -> None:
    assert told(history(HOURLY, (0, WARN, ""), (60, found, ""))) == ["fire", "remind"]


def test_a_reminder_waits_for_the_end_of_a_silence() -> None:
    looks = ((0, WARN, ""), (60, WARN, MUTED), (90, WARN, ""), (149, WARN, ""), (150, WARN, ""))

    assert told(history(HOURLY, *looks)) == ["fire", "", "remind", "", "remind"]


def test_without_repeat_there_are_no_reminders() -> None:
    assert told(history(RULE, (0, WARN, ""), (9999, WARN, ""))) == ["fire", ""]


def test_whoever_took_it_is_not_reminded_but_told_if_it_gets_worse() -> None:
    firing = history(HOURLY, (0, WARN, ""))[0].episode
    taken = replace(firing, acknowledged=AS_OF)

    steps = history(HOURLY, (60, WARN, ""), (61, CRITICAL, ""), (121, CRITICAL, ""), start=taken)

    assert told(steps) == ["", "escalate", "remind"]
    assert steps[1].episode.acknowledged is None


def test_what_was_taken_while_it_was_silent_pages_nobody_when_that_ends() -> None:
    silent = history(RULE, (0, WARN, MUTED))[0].episode
    taken = replace(silent, acknowledged=AS_OF)

    kept = history(
        RULE, (1, WARN, MUTED), (2, WARN, ""), (3, WARN, ""), (4, CLEAR, ""), start=taken
    )
    worse = history(RULE, (1, WARN, ""), (2, CRITICAL, MUTED), (3, CRITICAL, ""), start=taken)

    assert told(kept) == ["", "", "", ""]
    assert told(worse) == ["", "", "fire"]


def test_a_rise_that_was_taken_in_silence_pages_nobody_either() -> None:
    risen = history(RULE, (0, WARN, ""), (1, CRITICAL, MUTED))[1].episode
    taken = replace(risen, acknowledged=AS_OF)

    assert told(history(RULE, (2, CRITICAL, ""), (3, CLEAR, ""), start=taken)) == ["", "resolve"]


def test_an_episode_of_before_there_were_reminders_counts_from_its_next_look() -> None:
    firing = history(HOURLY, (0, WARN, ""))[0].episode
    old = replace(firing, notified_at=None)

    assert told(history(HOURLY, (600, WARN, ""), (660, WARN, ""), start=old)) == ["", "remind"]


def test_channels_for_critical_alone_are_told_of_critical_alone() -> None:
    steps = history(BY_LEVEL, (0, WARN, ""), (1, CRITICAL, ""), (2, CLEAR, ""))

    assert [item.channels for item in steps] == [
        ("slack",),
        ("slack", "pagerduty"),
        ("slack", "pagerduty"),
    ]


def test_where_nobody_is_told_of_a_warning_a_rise_is_the_beginning() -> None:
    rule = replace(RULE, notify=(), notify_critical=("pagerduty",))

    steps = history(rule, (0, WARN, ""), (1, CRITICAL, ""), (2, CLEAR, ""))

    assert told(steps) == ["", "fire", "resolve"]
    assert suppressed(steps) == ["", "", ""]


def test_a_value_must_be_healthy_for_as_long_as_it_is_kept_firing() -> None:
    looks = ((0, WARN, ""), (1, CLEAR, ""), (10, CLEAR, ""), (11, CLEAR, ""))
    steps = history(KEEPING, *looks)

    assert told(steps) == ["fire", "", "", "resolve"]
    assert steps[1].transition is not None
    assert steps[1].transition.reason == "as told; ends if that lasts 10m"


@pytest.mark.parametrize(
    "found",
    [pytest.param(WARN, id="a breach"), pytest.param(HOLD, id="the band")],
)
def test_what_is_not_healthy_starts_the_wait_over(found: Verdict) -> None:
    looks = ((0, WARN, ""), (1, CLEAR, ""), (5, found, ""), (6, CLEAR, ""), (12, CLEAR, ""))
    steps = history(KEEPING, *looks)

    assert told(steps) == ["fire", "", "", "", ""]
    assert [bool(item.transition) for item in steps] == [True, True, True, True, False]


def test_no_value_neither_starts_the_wait_over_nor_ends_it() -> None:
    looks = ((0, WARN, ""), (1, CLEAR, ""), (12, MISSING, ""), (13, CLEAR, ""))

    assert told(history(KEEPING, *looks)) == ["fire", "", "", "resolve"]


def test_nobody_is_told_late_of_what_is_healthy_again() -> None:
    looks = ((0, WARN, MUTED), (1, CLEAR, ""), (2, CLEAR, ""), (3, WARN, ""))

    assert told(history(KEEPING, *looks)) == ["", "", "", "fire"]


def test_a_clock_that_ran_ahead_and_was_set_back_holds_nothing_up() -> None:
    lasting = replace(RULE, lasting=timedelta(minutes=5))
    year = 365 * 24 * 60

    steps = history(lasting, (year, WARN, ""), (0, WARN, ""), (5, WARN, ""))

    assert told(steps) == ["", "", "fire"]


def test_the_baseline_freezes_when_it_fires() -> None:
    looks = [replace(WARN, baseline=Decimal(value)) for value in ("100", "90")]
    steps = history(RULE, (0, looks[0], ""), (1, looks[1], ""), (2, CLEAR, ""))

    assert [item.episode.baseline for item in steps] == [Decimal(100), Decimal(100), None]


def test_levels_are_told_at_most_once_each() -> None:
    looks = [(minutes, found, "") for minutes, found in enumerate([WARN, CRITICAL] * 5)]
    steps = history(RULE, *looks)

    assert [kind for kind in told(steps) if kind] == ["fire", "escalate"]
    assert steps[-1].episode.notified is Level.CRITICAL


def test_a_channel_that_is_only_reminded_hears_of_the_end() -> None:
    fired = history(HOURLY, (0, WARN, ""))[-1].episode
    moved = replace(HOURLY, notify=("pagerduty",))

    steps = history(moved, (60, WARN, ""), (61, CLEAR, ""), start=fired)

    assert told(steps) == ["remind", "resolve"]
    assert [item.channels for item in steps] == [("pagerduty",), ("slack", "pagerduty")]
