from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from kpi_pipeline.compute.episodes import move, retire
from kpi_pipeline.compute.telling import Step, step, tell
from kpi_pipeline.model.episode import Episode, Phase, Transition, Verdict
from kpi_pipeline.model.moment import MINUTE
from kpi_pipeline.model.notice import Level, NoticeKind
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
    verdict,
)

LASTING = replace(RULE, lasting=timedelta(minutes=5))
SILENT = replace(RULE, notify=())


def history(rule: Threshold, *looks: tuple[float, Verdict]) -> list[Step]:
    """The steps of one alert, looked at so many minutes after noon."""
    steps = [Step(Episode(rule=rule.name, dims=(), definition=rule.definition))]
    for minutes, found in looks:
        steps.append(step(rule, steps[-1].episode, found, AS_OF + minutes * MINUTE))
    return steps[1:]


def told(steps: list[Step]) -> list[str]:
    return [item.kind.value if item.kind else "" for item in steps]


def phases(steps: list[Step]) -> list[str]:
    return [item.episode.phase.value for item in steps]


def levels(steps: list[Step]) -> list[str]:
    return [item.episode.level.value for item in steps]


@pytest.mark.parametrize(
    ("looks", "kinds"),
    [
        pytest.param([CLEAR, CLEAR], ["", ""], id="health is not told"),
        pytest.param([WARN, CLEAR], ["fire", "resolve"], id="a breach and its end"),
        pytest.param(
            [WARN, WARN, WARN, CLEAR], ["fire", "", "", "resolve"], id="a breach that goes on"
        ),
        pytest.param(
            [WARN, CRITICAL, CRITICAL], ["fire", "escalate", ""], id="a rise is told once"
        ),
        pytest.param([CRITICAL, WARN, CRITICAL], ["fire", "", ""], id="no second rise"),
        pytest.param([WARN, HOLD, WARN, HOLD], ["fire", "", "", ""], id="the band holds it"),
        pytest.param([HOLD, HOLD], ["", ""], id="the band opens nothing"),
        pytest.param([WARN, MISSING, MISSING], ["fire", "", ""], id="missing never resolves"),
        pytest.param([MISSING, MISSING], ["", ""], id="missing never fires"),
        pytest.param([WARN, CLEAR, WARN], ["fire", "resolve", "fire"], id="a second episode"),
        pytest.param([WARN, CLEAR, CLEAR], ["fire", "resolve", ""], id="an end is told once"),
    ],
)
def test_each_turn_is_told_once(looks: list[Verdict], kinds: list[str]) -> None:
    assert told(history(RULE, *enumerate(looks))) == kinds


@pytest.mark.parametrize(
    ("looks", "expected"),
    [
        pytest.param([(0, WARN), (4.9, WARN)], ["pending", "pending"], id="not long enough"),
        pytest.param([(0, WARN), (5, WARN)], ["pending", "firing"], id="long enough, seen twice"),
        pytest.param([(0, WARN)], ["pending"], id="seen once"),
        pytest.param([(0, WARN), (600, WARN)], ["pending", "firing"], id="time may jump"),
        pytest.param([(0, WARN), (1, CLEAR), (9, WARN)], ["pending", "ok", "pending"], id="a blip"),
        pytest.param(
            [(0, WARN), (1, HOLD)], ["pending", "ok"], id="a hold ends what has not fired"
        ),
        pytest.param(
            [(0, WARN), (3, MISSING), (5, WARN)],
            ["pending", "pending", "firing"],
            id="missing does not start it over",
        ),
        pytest.param(
            [(0, WARN), (600, MISSING), (601, MISSING)],
            ["pending", "pending", "pending"],
            id="missing is no second look",
        ),
        pytest.param([(0, WARN), (-9, WARN)], ["pending", "pending"], id="a clock that went back"),
    ],
)
def test_a_breach_fires_when_it_has_lasted_and_was_seen_twice(
    looks: list[tuple[float, Verdict]], expected: list[str]
) -> None:
    assert phases(history(LASTING, *looks)) == expected


def test_a_blip_is_logged_but_not_told() -> None:
    steps = history(LASTING, (0, WARN), (1, CLEAR))

    log = steps[1].transition
    assert (told(steps), log and log.reason) == (["", ""], "as told before it lasted")


def test_a_pending_breach_fires_at_its_present_level() -> None:
    steps = history(LASTING, (0, WARN), (5, CRITICAL))

    assert (levels(steps), told(steps)) == (["warn", "critical"], ["", "fire"])


def test_within_an_episode_the_level_never_falls() -> None:
    steps = history(RULE, *enumerate([WARN, CRITICAL, WARN, HOLD, MISSING, CLEAR]))

    assert levels(steps) == ["warn", "critical", "critical", "critical", "critical", "none"]


def test_an_episode_that_fires_has_all_there_is_to_know() -> None:
    fired = step(RULE, EPISODE, WARN, AS_OF)

    assert fired == Step(
        Episode(
            rule="low",
            dims=(),
            definition=RULE.definition,
            phase=Phase.FIRING,
            level=Level.WARN,
            notified=Level.WARN,
            told=RULE.notify,
            number=1,
            since=AS_OF,
            looks=1,
            peak=Decimal(25),
            notified_at=AS_OF,
        ),
        Transition(
            rule="low",
            dims=(),
            number=1,
            before=Phase.OK,
            after=Phase.FIRING,
            level=Level.WARN,
            value=Decimal(25),
            at=AS_OF,
            reason="as told",
        ),
        NoticeKind.FIRE,
        RULE.notify,
    )


def test_an_ended_episode_leaves_only_its_number() -> None:
    steps = history(RULE, (0, WARN), (1, CLEAR))

    assert steps[1].episode == replace(EPISODE, number=1)


def test_since_is_when_the_breach_was_first_seen_not_when_it_fired() -> None:
    steps = history(LASTING, (0, WARN), (2, WARN), (7, WARN))

    assert [item.episode.since for item in steps] == [AS_OF] * 3


@pytest.mark.parametrize(
    ("values", "bound", "peak"),
    [
        pytest.param(["25", "15", "28"], "30", "15", id="the least, where low is bad"),
        pytest.param(["35", "99", "31"], "30", "99", id="the greatest, where high is bad"),
    ],
)
def test_the_peak_is_the_value_furthest_past_the_bound(
    values: list[str], bound: str, peak: str
) -> None:
    looks = [replace(WARN, value=Decimal(value), bound=Decimal(bound)) for value in values]

    assert history(RULE, *enumerate(looks))[-1].episode.peak == Decimal(peak)


@pytest.mark.parametrize(
    "found",
    [
        pytest.param(replace(WARN, value=None), id="no value"),
        pytest.param(replace(WARN, bound=None), id="no bound"),
    ],
)
def test_a_breach_without_numbers_keeps_the_peak(found: Verdict) -> None:
    assert history(RULE, (0, WARN), (1, found))[-1].episode.peak == Decimal(25)


def test_a_rule_without_channels_fires_in_silence_and_is_logged() -> None:
    steps = history(SILENT, *enumerate([WARN, CRITICAL, CLEAR]))

    assert told(steps) == ["", "", ""]
    assert [bool(item.transition) for item in steps] == [True, True, True]


def test_a_rise_is_the_first_message_where_nobody_was_told_before() -> None:
    silent = step(SILENT, EPISODE, WARN, AS_OF).episode

    rise = step(RULE, silent, CRITICAL, AS_OF + MINUTE)

    assert (rise.kind, rise.episode.notified) == (NoticeKind.FIRE, Level.CRITICAL)


@pytest.mark.parametrize("found", [WARN, CRITICAL, HOLD, CLEAR, MISSING])
def test_an_edited_rule_ends_its_episode_whatever_is_seen(found: Verdict) -> None:
    firing = step(RULE, EPISODE, WARN, AS_OF).episode

    ended = step(replace(RULE, warn_below=Decimal(29)), firing, found, AS_OF + MINUTE)

    log = ended.transition
    assert (ended.kind, log and log.reason) == (NoticeKind.RESOLVE, "the rule was edited")


def test_an_edited_rule_is_judged_anew_at_the_next_look() -> None:
    edited = replace(RULE, warn_below=Decimal(29))
    firing = step(RULE, EPISODE, WARN, AS_OF).episode
    ended = step(edited, firing, WARN, AS_OF + MINUTE).episode

    again = step(edited, ended, WARN, AS_OF + 2 * MINUTE)

    assert (again.kind, again.episode.number) == (NoticeKind.FIRE, 2)


def test_an_edit_while_all_is_well_is_not_even_logged() -> None:
    edited = replace(RULE, warn_below=Decimal(29))

    after = step(edited, EPISODE, CLEAR, AS_OF)

    assert after == Step(replace(EPISODE, definition=edited.definition))


@pytest.mark.parametrize(
    ("rule", "kind"),
    [
        pytest.param(RULE, NoticeKind.RESOLVE, id="told of, so its end is told too"),
        pytest.param(SILENT, None, id="never told of"),
        pytest.param(LASTING, None, id="pending"),
    ],
)
def test_a_deleted_rule_ends_its_episode(rule: Threshold, kind: NoticeKind | None) -> None:
    episode = step(rule, EPISODE, WARN, AS_OF).episode

    over = retire(replace(episode, definition=rule.definition), AS_OF + MINUTE)
    ended = tell(rule, over, MISSING, AS_OF + MINUTE, "")

    log = ended.transition
    assert (ended.kind, ended.episode.phase, log and log.reason) == (
        kind,
        Phase.OK,
        "the rule was deleted",
    )


def test_a_look_that_changes_nothing_changes_nothing() -> None:
    steps = history(RULE, (0, WARN), (1, WARN))

    assert (steps[1].episode, steps[1].transition) == (steps[0].episode, None)


def test_evidence_has_no_say_in_the_level_unless_it_is_a_breach() -> None:
    odd = verdict(HOLD.evidence, Level.CRITICAL)

    assert levels(history(RULE, (0, WARN), (1, odd))) == ["warn", "warn"]


def test_while_a_breach_has_to_last_no_look_but_the_second_is_a_row_to_write() -> None:
    rule = replace(RULE, lasting=timedelta(minutes=10))
    found = [replace(EPISODE, definition=rule.definition)]
    for minute in range(4):
        found.append(move(rule, found[-1], WARN, AS_OF + minute * MINUTE).episode)

    assert found[1] != found[2] == found[3] == found[4]
