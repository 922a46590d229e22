"""The alert state machine: ok -> pending -> firing -> ok, one message per turn.

Time is the snapshot's as-of, never the wall clock, and the state commits with the snapshot;
so a retried run finds the transition already made and says nothing twice.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from kpi_pipeline.model.episode import Episode, Evidence, Phase, Transition, Verdict
from kpi_pipeline.model.notice import Level, NoticeKind
from kpi_pipeline.model.threshold import Threshold

LEAST_LOOKS = 2
"""A breach that must last is seen at least twice: catching up makes time jump."""


@dataclass(frozen=True, slots=True)
class Step:
    """The next state, what changed, and what to tell; None where there is nothing."""

    episode: Episode
    transition: Transition | None = None
    kind: NoticeKind | None = None


def step(rule: Threshold, episode: Episode, verdict: Verdict, as_of: datetime) -> Step:
    """Apply one verdict to the alert state of one rule and group."""
    if episode.phase is not Phase.OK and episode.definition != rule.definition:
        return _end(episode, verdict.value, as_of, "the rule was edited")
    current = replace(episode, definition=rule.definition)
    if verdict.evidence is Evidence.BREACH:
        return _breach(rule, current, verdict, as_of)
    if verdict.evidence is Evidence.CLEAR and current.phase is Phase.FIRING:
        return _end(current, verdict.value, as_of, verdict.reason)
    if verdict.evidence is not Evidence.MISSING and current.phase is Phase.PENDING:
        return _end(current, verdict.value, as_of, f"{verdict.reason} before it lasted")
    return Step(current)


def retire(episode: Episode, as_of: datetime) -> Step:
    """End the episode of a rule that is no longer declared."""
    return _end(episode, None, as_of, "the rule was deleted")


def _breach(rule: Threshold, current: Episode, verdict: Verdict, as_of: datetime) -> Step:
    if current.phase is Phase.FIRING:
        return _worse(rule, current, verdict, as_of)
    seen = current if current.phase is Phase.PENDING else replace(current, since=as_of, looks=0)
    pending = replace(seen, phase=Phase.PENDING, looks=seen.looks + 1, level=verdict.level)
    lasted = as_of - (pending.since or as_of) >= rule.lasting
    if not rule.lasting or (lasted and pending.looks >= LEAST_LOOKS):
        return _fire(rule, pending, current.phase, verdict, as_of)
    if current.phase is Phase.PENDING:
        return Step(pending)
    return Step(pending, _transition(pending, Phase.OK, verdict.value, as_of, verdict.reason))


def _fire(
    rule: Threshold, pending: Episode, before: Phase, verdict: Verdict, as_of: datetime
) -> Step:
    fired = replace(
        pending,
        phase=Phase.FIRING,
        number=pending.number + 1,
        notified=verdict.level if rule.notify else Level.NONE,
        told=rule.notify,
        peak=verdict.value,
    )
    log = _transition(fired, before, verdict.value, as_of, verdict.reason)
    return Step(fired, log, NoticeKind.FIRE if rule.notify else None)


def _worse(rule: Threshold, current: Episode, verdict: Verdict, as_of: datetime) -> Step:
    """Within an episode the level only rises; each rise is told once."""
    level = max(current.level, verdict.level, key=lambda item: item.rank)
    worse = replace(current, level=level, peak=_peak(current.peak, verdict))
    if level.rank <= current.level.rank:
        return Step(worse)
    log = _transition(worse, Phase.FIRING, verdict.value, as_of, f"rose to {level.value}")
    if not rule.notify:
        return Step(worse, log)
    kind = NoticeKind.FIRE if current.notified is Level.NONE else NoticeKind.ESCALATE
    told = tuple(dict.fromkeys((*current.told, *rule.notify)))
    return Step(replace(worse, notified=level, told=told), log, kind)


def _end(episode: Episode, value: Decimal | None, as_of: datetime, reason: str) -> Step:
    ended = Episode(
        rule=episode.rule,
        dims=episode.dims,
        definition=episode.definition,
        number=episode.number,
    )
    log = Transition(
        rule=episode.rule,
        dims=episode.dims,
        number=episode.number,
        before=episode.phase,
        after=Phase.OK,
        level=episode.level,
        value=value,
        at=as_of,
        reason=reason,
    )
    told = episode.phase is Phase.FIRING and episode.notified is not Level.NONE
    return Step(ended, log, NoticeKind.RESOLVE if told else None)


def _peak(peak: Decimal | None, verdict: Verdict) -> Decimal | None:
    if peak is None or verdict.value is None or verdict.bound is None:
        return verdict.value if peak is None else peak
    return (min if verdict.value < verdict.bound else max)(peak, verdict.value)


def _transition(
    episode: Episode, before: Phase, value: Decimal | None, as_of: datetime, reason: str
) -> Transition:
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
