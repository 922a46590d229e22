"""Who is told of a change, and why nobody is: each turn once, and again if it lasts."""

from dataclasses import dataclass, replace
from datetime import datetime

from kpi_pipeline.compute.episodes import Move, line, move
from kpi_pipeline.model.episode import Episode, Phase, Transition, Verdict
from kpi_pipeline.model.notice import Level, NoticeKind
from kpi_pipeline.model.threshold import Threshold

UNTOLD = "nobody had been told of it"
TAKEN = "somebody acknowledged it"


@dataclass(frozen=True, slots=True)
class Step:
    """The next state, what changed, and what to tell whom; None where there is nothing."""

    episode: Episode
    transition: Transition | None = None
    kind: NoticeKind | None = None
    channels: tuple[str, ...] = ()


def step(
    rule: Threshold, episode: Episode, verdict: Verdict, as_of: datetime, silence: str = ""
) -> Step:
    """Apply one verdict to the alert state of one rule and group, and tell of it."""
    return tell(rule, move(rule, episode, verdict, as_of), verdict, as_of, silence)


def tell(rule: Threshold, moved: Move, verdict: Verdict, as_of: datetime, silence: str) -> Step:
    """Say what of a move is told.

    What was not told because of a silence is told when that ends, if it then still fires and nobody
    acknowledged it meanwhile. An end is told to whoever was told of the beginning, silence or not:
    it opens nothing, and closes what else would stay open.

    Args:
        rule: With its channels.
        moved: What the verdict led to.
        verdict: For the words of what is told later than it happened.
        as_of: Of the look.
        silence: Why nobody may be told now; '' if somebody may.
    """
    if moved.episode.phase is not Phase.FIRING:
        return _ended(rule, moved)
    channels = rule.channels(moved.episode.level)
    if not channels:
        return Step(moved.episode, moved.transition)
    if moved.episode.level.rank > moved.episode.notified.rank:
        return _risen(moved, channels, verdict, as_of, silence)
    return _lasting(rule, moved, channels, verdict, as_of, silence=silence)


def _ended(rule: Threshold, moved: Move) -> Step:
    log = moved.transition
    if moved.before.phase is not Phase.FIRING or log is None:
        return Step(moved.episode, log)
    if moved.before.was_told:
        return Step(moved.episode, log, NoticeKind.RESOLVE, moved.before.told)
    why = UNTOLD if rule.channels(moved.before.level) else ""
    return Step(moved.episode, replace(log, suppressed=why))


def _risen(
    moved: Move, channels: tuple[str, ...], verdict: Verdict, as_of: datetime, silence: str
) -> Step:
    """It is worse than anybody knows."""
    episode, log = moved.episode, moved.transition
    if episode.acknowledged is not None:  # whoever took it knows; what is worse is not taken
        silence = silence or TAKEN
    if silence or not episode.fires:
        return Step(episode, replace(log, suppressed=silence) if log else None)
    first = episode.notified is Level.NONE
    told = replace(
        episode,
        notified=episode.level,
        told=_and_also(episode.told, channels),
        notified_at=as_of,
    )
    late = line(told, Phase.FIRING, verdict.value, as_of, f"{verdict.reason}, told only now")
    return Step(told, log or late, NoticeKind.FIRE if first else NoticeKind.ESCALATE, channels)


def _lasting(
    rule: Threshold,
    moved: Move,
    channels: tuple[str, ...],
    verdict: Verdict,
    as_of: datetime,
    *,
    silence: str,
) -> Step:
    """It is told again while nobody takes it."""
    episode = moved.episode
    if episode.notified_at is None:  # told of before there were reminders
        episode = replace(episode, notified_at=as_of)
    since = as_of - (episode.notified_at or as_of)
    due = rule.repeat is not None and since >= rule.repeat
    if not due or silence or episode.acknowledged is not None or not episode.fires:
        return Step(episode, moved.transition)
    # A rule's channels may be others by now; who is reminded hears of the end too.
    again = replace(
        episode,
        told=_and_also(episode.told, channels),
        reminders=episode.reminders + 1,
        notified_at=as_of,
    )
    reason = f"{verdict.reason}, reminder {again.reminders}"
    log = line(again, Phase.FIRING, verdict.value, as_of, reason)
    return Step(again, moved.transition or log, NoticeKind.REMIND, channels)


def _and_also(told: tuple[str, ...], more: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*told, *more)))
