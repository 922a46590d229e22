"""The pseudo-rule `pipeline_failure`: ticks and runs that fail for a while, and go well again.

Time is the state database's clock: the source, whose clock rules go by, may be what is away.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from kpi_pipeline.compute.failure_messages import failure_episode, failure_line, failure_notice
from kpi_pipeline.compute.numbers import format_age
from kpi_pipeline.compute.rules import rules_of
from kpi_pipeline.compute.silence import muted_text
from kpi_pipeline.model.episode import Mute, Phase, Transition
from kpi_pipeline.model.notice import Level, Notice, NoticeKind
from kpi_pipeline.model.pulse import RULE, FailurePlan, Pulse
from kpi_pipeline.model.spec import PipelineSpec

LEAST_FAILURES = 2
"""One failure is no state: the next tick may be well."""


@dataclass(frozen=True, slots=True)
class Beat:
    """The next pulse, what changed, and what to tell the channels of `told`."""

    pulse: Pulse
    transition: Transition | None = None
    notice: Notice | None = None
    told: tuple[str, ...] = ()


def failed(
    spec: PipelineSpec, pulse: Pulse, why: str, now: datetime, mute: Mute | None = None
) -> Beat:
    """One more failure.

    Whoever was not told of it yet, because of a mute or because nobody had named that channel
    before, is told by the first failure that may tell.

    Args:
        spec: Whose plan says how long failures must last.
        pulse: As it was.
        why: One line for people, without secrets.
        now: The state database's clock.
        mute: Of this rule; None if it may speak, by the same clock.
    """
    known = _not_after(pulse, now)
    since = known.failing_since or now
    after = replace(known, failing_since=since, failures=pulse.failures + 1, why=why)
    if pulse.fired_at is not None:
        return _fires(spec, after, Phase.FIRING, now, mute)
    if now - since < spec.failures.after or after.failures < LEAST_FAILURES:
        began = pulse.failing_since is None
        return Beat(after, failure_line(after, Phase.OK, now, why) if began else None)
    before = Phase.PENDING if pulse.failing_since else Phase.OK
    fired = replace(after, fired_at=now, number=pulse.number + 1)
    return _fires(spec, fired, before, now, mute)


def _not_after(pulse: Pulse, now: datetime) -> Pulse:
    """A clock that once ran ahead must not hold back what has to last, until it is that late."""
    return replace(
        pulse,
        failing_since=pulse.failing_since and min(pulse.failing_since, now),
        notified_at=pulse.notified_at and min(pulse.notified_at, now),
    )


def _fires(
    spec: PipelineSpec, pulse: Pulse, before: Phase, now: datetime, mute: Mute | None
) -> Beat:
    """Tell every channel that was not told yet, and all of them when it is time for a reminder."""
    news = tuple(name for name in spec.failures.notify if name not in pulse.told)
    silent = mute is not None or pulse.acknowledged is not None
    if silent or not (news or _is_due(spec.failures, pulse, now)):
        why = muted_text(mute, spec.timezone) if mute and news else ""
        log = failure_line(pulse, before, now, pulse.why, why)
        return Beat(pulse, log if before is not Phase.FIRING else None)
    kind = NoticeKind.FIRE if news else NoticeKind.REMIND
    after = replace(
        pulse,
        told=(*pulse.told, *news),
        reminders=pulse.reminders + (kind is NoticeKind.REMIND),
        notified_at=now,
    )
    more = f", reminder {after.reminders}" if kind is NoticeKind.REMIND else ", told only now"
    reason = f"{pulse.why}{more if before is Phase.FIRING else ''}"
    age = format_age(now - (pulse.failing_since or now))
    notice = failure_notice(spec, after, kind, f"CRIT {spec.name} fails for {age}: {pulse.why}")
    log = failure_line(after, before, now, reason)
    return Beat(after, log, notice, news or spec.failures.notify)


def _is_due(plan: FailurePlan, pulse: Pulse, now: datetime) -> bool:
    """Whether it is time for a reminder."""
    last = pulse.notified_at or pulse.fired_at
    if plan.repeat is None or last is None or not plan.notify:
        return False
    return now - last >= plan.repeat


def went_well(spec: PipelineSpec, pulse: Pulse, now: datetime) -> Beat:
    """A look that found nothing to do, or a run that did it: the failures are over."""
    after = Pulse(looked_at=now, number=pulse.number)
    failing = failure_episode(pulse)
    if failing is None:
        return Beat(after)
    log = failure_line(after, failing.phase, now, "it went well")
    if not failing.was_told:
        return Beat(after, log)
    age = format_age(now - (pulse.failing_since or now))
    text = f"OK {spec.name} works again after {age}"
    return Beat(after, log, failure_notice(spec, pulse, NoticeKind.RESOLVE, text), pulse.told)


def channels_of(spec: PipelineSpec, rule: str, level: Level) -> tuple[str, ...]:
    """Every channel that is told of a rule at a level; none if there is no such rule any more."""
    if rule == RULE:
        return spec.failures.notify
    found = (item for item in rules_of(spec) if item.name == rule)
    return next((item.channels(level) for item in found), ())
