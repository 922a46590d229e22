"""The alert state machine: ok -> pending -> firing -> ok.

Time is the snapshot's as-of, never the wall clock, and the state commits with the snapshot;
so a retried run finds the transition already made and says nothing twice. Nothing here knows
whether anybody is told; see `telling`.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from kpi_pipeline.compute.numbers import format_age
from kpi_pipeline.model.episode import Episode, Evidence, Phase, Transition, Verdict
from kpi_pipeline.model.threshold import Threshold

EDITED, DELETED = "the rule was edited", "the rule was deleted"
"""Why an episode ended though its value may be as bad as ever."""
LEAST_LOOKS = 2
"""A breach that must last is seen at least twice: catching up makes time jump."""


@dataclass(frozen=True, slots=True)
class Move:
    """The next state, and what changed; None where nothing did."""

    before: Episode
    episode: Episode
    transition: Transition | None = None


def move(rule: Threshold, episode: Episode, verdict: Verdict, as_of: datetime) -> Move:
    """Apply one verdict to the alert state of one rule and group."""
    if episode.phase is not Phase.OK and rule.is_edited(episode.definition):
        return end(episode, verdict.value, as_of, EDITED)
    current = _not_after(episode, as_of)
    if current.definition != rule.definition:
        current = replace(current, definition=rule.definition)
    if verdict.evidence is Evidence.BREACH:
        return _breach(rule, current, verdict, as_of)
    if verdict.evidence is Evidence.CLEAR and current.phase is Phase.FIRING:
        return _clear(rule, current, verdict, as_of)
    if verdict.evidence is not Evidence.MISSING and current.phase is Phase.PENDING:
        return end(current, verdict.value, as_of, f"{verdict.reason} before it lasted")
    if verdict.evidence is Evidence.HOLD and current.clear_since is not None:
        return _changed(current, replace(current, clear_since=None), verdict, as_of)
    return Move(current, current)


def retire(episode: Episode, as_of: datetime) -> Move:
    """End the episode of a rule that is no longer declared."""
    return end(episode, None, as_of, DELETED)


def end(episode: Episode, value: Decimal | None, as_of: datetime, reason: str) -> Move:
    """End an episode, whatever the evidence; only its number is left."""
    ended = Episode(
        rule=episode.rule,
        dims=episode.dims,
        definition=episode.definition,
        number=episode.number,
    )
    log = line(replace(ended, level=episode.level), episode.phase, value, as_of, reason)
    return Move(episode, ended, log)


def line(
    episode: Episode, before: Phase, value: Decimal | None, as_of: datetime, reason: str
) -> Transition:
    """The log's line of a change that led to this episode."""
    return Transition(
        rule=episode.rule,
        dims=episode.dims,
        number=episode.number,
        before=before,
        after=episode.phase,
        level=episode.level,
        value=value,
        at=as_of,
        reason=reason,
    )


def _not_after(episode: Episode, as_of: datetime) -> Episode:
    """A clock that once ran ahead must not hold back what has to last, until it is that late."""
    moments = (episode.since, episode.clear_since, episode.notified_at)
    if all(moment is None or moment <= as_of for moment in moments):
        return episode
    return replace(
        episode,
        since=episode.since and min(episode.since, as_of),
        clear_since=episode.clear_since and min(episode.clear_since, as_of),
        notified_at=episode.notified_at and min(episode.notified_at, as_of),
    )


def _breach(rule: Threshold, current: Episode, verdict: Verdict, as_of: datetime) -> Move:
    if current.phase is Phase.FIRING:
        return _worse(current, verdict, as_of)
    seen = current if current.phase is Phase.PENDING else replace(current, since=as_of, looks=0)
    # More looks than matter are not counted: each would be a row to write, of every group.
    looks = min(seen.looks + 1, LEAST_LOOKS)
    pending = replace(seen, phase=Phase.PENDING, looks=looks, level=verdict.level)
    lasted = as_of - (pending.since or as_of) >= rule.lasting
    if not rule.lasting or (lasted and pending.looks >= LEAST_LOOKS):
        fired = replace(
            pending,
            phase=Phase.FIRING,
            number=pending.number + 1,
            peak=verdict.value,
            baseline=verdict.baseline,
        )
        return _changed(current, fired, verdict, as_of)
    if current.phase is Phase.PENDING:
        return Move(current, pending)
    return _changed(current, pending, verdict, as_of)


def _worse(current: Episode, verdict: Verdict, as_of: datetime) -> Move:
    """Within an episode the level only rises; whoever took the milder one has not taken this."""
    level = max(current.level, verdict.level, key=lambda item: item.rank)
    worse = replace(current, level=level, peak=_peak(current.peak, verdict), clear_since=None)
    if level.rank > current.level.rank:
        rise = f"{verdict.reason}, rose to {level.value}"
        worse = replace(worse, acknowledged=None)
        return Move(current, worse, line(worse, Phase.FIRING, verdict.value, as_of, rise))
    if current.clear_since is not None:
        return _changed(current, worse, verdict, as_of)
    return Move(current, worse)


def _clear(rule: Threshold, current: Episode, verdict: Verdict, as_of: datetime) -> Move:
    if not rule.keep_firing:
        return end(current, verdict.value, as_of, verdict.reason)
    if current.clear_since is None:
        keeps = f"{verdict.reason}; ends if that lasts {format_age(rule.keep_firing)}"
        healing = replace(current, clear_since=as_of)
        return Move(current, healing, line(healing, Phase.FIRING, verdict.value, as_of, keeps))
    if as_of - current.clear_since < rule.keep_firing:
        return Move(current, current)
    return end(current, verdict.value, as_of, verdict.reason)


def _changed(before: Episode, after: Episode, verdict: Verdict, as_of: datetime) -> Move:
    return Move(before, after, line(after, before.phase, verdict.value, as_of, verdict.reason))


def _peak(peak: Decimal | None, verdict: Verdict) -> Decimal | None:
    if peak is None or verdict.value is None or verdict.bound is None:
        return verdict.value if peak is None else peak
    return (min if verdict.value < verdict.bound else max)(peak, verdict.value)
