"""The pseudo-rule `pipeline_failure`: ticks and runs that fail for a while, and go well again.

Time is the state database's clock: the source, whose clock rules go by, may be what is away.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from kpi_pipeline.compute.messages import episode_key
from kpi_pipeline.compute.numbers import format_age, format_moment
from kpi_pipeline.compute.rules import rules_of
from kpi_pipeline.compute.silence import muted_text
from kpi_pipeline.model.episode import Mute, Phase, Transition
from kpi_pipeline.model.notice import LONGEST_TEXT, Level, Notice, NoticeKind, clip
from kpi_pipeline.model.pulse import RULE, Pulse
from kpi_pipeline.model.spec import PipelineSpec

LEVEL = Level.CRITICAL
LEAST_FAILURES = 2
"""One failure is no state: the next tick may be well."""
LONGEST_FACT = 500


@dataclass(frozen=True, slots=True, kw_only=True)
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
    since = pulse.failing_since or now
    after = replace(pulse, failing_since=since, failures=pulse.failures + 1, why=why)
    if pulse.fired_at is not None:
        return _fires(spec, after, Phase.FIRING, now, mute)
    if now - since < spec.failures.after or after.failures < LEAST_FAILURES:
        began = pulse.failing_since is None
        return Beat(pulse=after, transition=_log(after, Phase.OK, now, why) if began else None)
    before = Phase.PENDING if pulse.failing_since else Phase.OK
    fired = replace(after, fired_at=now, number=pulse.number + 1)
    return _fires(spec, fired, before, now, mute)


def _fires(
    spec: PipelineSpec, pulse: Pulse, before: Phase, now: datetime, mute: Mute | None
) -> Beat:
    """Tell every channel that was not told yet."""
    news = tuple(name for name in spec.failures.notify if name not in pulse.told)
    begins = before is not Phase.FIRING
    if mute is not None or not news:
        why = muted_text(mute, spec.timezone) if mute and news else ""
        log = replace(_log(pulse, before, now, pulse.why), suppressed=why)
        return Beat(pulse=pulse, transition=log if begins else None)
    age = format_age(now - (pulse.failing_since or now))
    told = replace(pulse, told=(*pulse.told, *news))
    notice = _notice(spec, told, NoticeKind.FIRE, f"CRIT {spec.name} fails for {age}: {pulse.why}")
    log = _log(told, before, now, pulse.why if begins else f"{pulse.why}, told only now")
    return Beat(pulse=told, transition=log, notice=notice, told=news)


def went_well(spec: PipelineSpec, pulse: Pulse, now: datetime) -> Beat:
    """A look that found nothing to do, or a run that did it: the failures are over."""
    after = Pulse(looked_at=now, number=pulse.number)
    if pulse.failing_since is None:
        return Beat(pulse=after)
    log = replace(_log(pulse, _phase(pulse), now, "it went well"), after=Phase.OK)
    if pulse.fired_at is None or not pulse.told:
        return Beat(pulse=after, transition=log)
    text = f"OK {spec.name} works again after {format_age(now - pulse.failing_since)}"
    notice = _notice(spec, pulse, NoticeKind.RESOLVE, text)
    return Beat(pulse=after, transition=log, notice=notice, told=pulse.told)


def channels_of(spec: PipelineSpec, rule: str, level: Level) -> tuple[str, ...]:
    """Every channel that is told of a rule at a level; none if there is no such rule any more."""
    if rule == RULE:
        return spec.failures.notify
    found = (item for item in rules_of(spec) if item.name == rule)
    return next((item.channels(level) for item in found), ())


def _phase(pulse: Pulse) -> Phase:
    return Phase.PENDING if pulse.fired_at is None else Phase.FIRING


def _notice(spec: PipelineSpec, pulse: Pulse, kind: NoticeKind, text: str) -> Notice:
    episode = episode_key(spec.name, RULE, (), pulse.number)
    since = pulse.failing_since
    facts = {
        "Failing since": format_moment(since, spec.timezone) if since else "",
        "Failures": str(pulse.failures),
        "Last error": pulse.why[:LONGEST_FACT],
    }
    return Notice(
        key=f"{episode}/{kind.value}/{LEVEL.value}",
        episode_key=episode,
        pipeline=spec.name,
        rule=RULE,
        kind=kind,
        level=LEVEL,
        text=clip(text, LONGEST_TEXT),
        headline=f"{spec.name}: {RULE}",
        facts=tuple((label, value) for label, value in facts.items() if value),
    )


def _log(pulse: Pulse, before: Phase, now: datetime, reason: str) -> Transition:
    return Transition(
        rule=RULE,
        dims=(),
        number=pulse.number,
        before=before,
        after=_phase(pulse),
        level=LEVEL,
        value=None,
        at=now,
        reason=reason,
    )
