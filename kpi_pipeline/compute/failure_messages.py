"""The words of `pipeline_failure`: its messages, its lines in the log, and where it stands."""

from datetime import datetime

from kpi_pipeline.compute.messages import episode_key
from kpi_pipeline.compute.numbers import format_moment
from kpi_pipeline.model.episode import Episode, Phase, Transition
from kpi_pipeline.model.notice import LONGEST_TEXT, Level, Notice, NoticeKind, clip
from kpi_pipeline.model.pulse import RULE, Pulse
from kpi_pipeline.model.spec import PipelineSpec

LEVEL = Level.CRITICAL
LONGEST_FACT = 500


def failure_episode(pulse: Pulse) -> Episode | None:
    """The failures as people see any alert; None while all goes well."""
    if pulse.failing_since is None:
        return None
    return Episode(
        rule=RULE,
        dims=(),
        definition="",
        phase=_phase(pulse),
        level=LEVEL,
        notified=LEVEL if pulse.told else Level.NONE,
        told=pulse.told,
        number=pulse.number,
        since=pulse.failing_since,
        notified_at=pulse.notified_at,
        reminders=pulse.reminders,
        acknowledged=pulse.acknowledged,
    )


def failure_notice(spec: PipelineSpec, pulse: Pulse, kind: NoticeKind, text: str) -> Notice:
    """A message about the present failures; its key is another one for each reminder."""
    episode = episode_key(spec.name, RULE, (), pulse.number)
    since = pulse.failing_since
    number = pulse.reminders if kind is NoticeKind.REMIND else 0
    facts = {
        "Failing since": format_moment(since, spec.timezone) if since else "",
        "Failures": str(pulse.failures),
        "Last error": pulse.why[:LONGEST_FACT],
    }
    return Notice(
        key=f"{episode}/{kind.value}/{LEVEL.value}" + (f"/{number}" if number else ""),
        episode_key=episode,
        pipeline=spec.name,
        rule=RULE,
        kind=kind,
        level=LEVEL,
        text=clip(text, LONGEST_TEXT),
        headline=f"{spec.name}: {RULE}",
        facts=tuple((label, value) for label, value in facts.items() if value),
        number=number,
    )


def failure_line(
    pulse: Pulse, before: Phase, now: datetime, reason: str, suppressed: str = ""
) -> Transition:
    """The log's line of a change that led to this pulse."""
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
        suppressed=suppressed,
    )


def _phase(pulse: Pulse) -> Phase:
    if pulse.failing_since is None:
        return Phase.OK
    return Phase.PENDING if pulse.fired_at is None else Phase.FIRING
