"""The words of an alert, value first."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, timedelta, tzinfo

from kpi_pipeline.compute.episodes import DELETED, EDITED
from kpi_pipeline.compute.numbers import (
    format_age,
    format_amount,
    format_change,
    format_moment,
    format_number,
)
from kpi_pipeline.compute.telling import Step
from kpi_pipeline.model.batch import Dims
from kpi_pipeline.model.episode import Episode, Phase, Verdict
from kpi_pipeline.model.notice import (
    LONGEST_HEADLINE,
    LONGEST_TEXT,
    Level,
    Notice,
    NoticeKind,
    clip,
)
from kpi_pipeline.model.snapshot import Reading, Snapshot
from kpi_pipeline.model.span import Span
from kpi_pipeline.model.threshold import Against, Threshold

LONGEST_LABEL = 60
LEAST_AGE = timedelta(minutes=1)
WORST = "Worst"
"""What the fact about the value furthest past the bound is called."""
WORD = {Level.WARN: "WARN", Level.CRITICAL: "CRIT"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """What a message is made from.

    Attributes:
        before: The episode before the step.
        step: Has something to tell.
        reading: What was looked at.
        offset: How much earlier the reading's baseline is; None without one.
        zone: Business time.
    """

    rule: Threshold
    before: Episode
    step: Step
    verdict: Verdict
    reading: Reading
    offset: Span | None = None
    zone: tzinfo = UTC

    @property
    def ended(self) -> bool:
        """Whether the episode is over."""
        return self.step.kind is NoticeKind.RESOLVE

    @property
    def withdrawn(self) -> bool:
        """Whether it is over because its rule is, whatever the value."""
        log = self.step.transition
        return self.ended and log is not None and log.reason in {EDITED, DELETED}

    @property
    def episode(self) -> Episode:
        """The episode that the message is about."""
        return self.before if self.ended else self.step.episode


def notice(said: Telling, snapshot: Snapshot, links: tuple[tuple[str, str], ...] = ()) -> Notice:
    """The message of one step that has something to tell.

    Its key names pipeline, rule, group, episode, kind, level and, of a reminder, which one it
    is, so that each is said once.
    """
    rule, kind, level = said.rule, said.step.kind, said.episode.level
    if kind is None:
        raise ValueError(f"the step of {rule.name} has nothing to tell")
    key = episode_key(snapshot.pipeline, rule.name, said.verdict.dims, said.step.episode.number)
    number = said.episode.reminders if kind is NoticeKind.REMIND else 0
    count = f"/{number}" if number else ""
    group = f" ({group_text(said.verdict.dims)})" if said.verdict.dims else ""
    runbook = (("Runbook", rule.runbook),) if rule.runbook else ()
    return Notice(
        key=f"{key}/{kind.value}/{level.value}{count}",
        episode_key=key,
        pipeline=snapshot.pipeline,
        rule=rule.name,
        kind=kind,
        level=level,
        text=clip(f"{_line(said, snapshot)}{group}", LONGEST_TEXT),
        headline=clip(f"{snapshot.pipeline}: {rule.name}{group}", LONGEST_HEADLINE),
        facts=_facts(said, snapshot),
        links=(*links, *runbook),
        owner=rule.owner or "",
        number=number,
        withdrawn=said.withdrawn,
    )


def episode_key(pipeline: str, rule: str, dims: Dims, number: int) -> str:
    """What all messages of one episode of a rule and group share.

    >>> episode_key("shop", "low", (), 3)
    'shop/low/3'
    """
    return "/".join((pipeline, rule, *_group_key(dims), str(number)))


def key_of(pipeline: str, episode: Episode) -> str:
    """See `episode_key`."""
    return episode_key(pipeline, episode.rule, episode.dims, episode.number)


def keys_of(pipeline: str, episodes: Iterable[Episode]) -> dict[str, Episode]:
    """Those that fire, by their key: one that is pending bears the number of the one before."""
    return {key_of(pipeline, each): each for each in episodes if each.phase is Phase.FIRING}


def group_text(dims: Dims) -> str:
    """A group as text: its values, `(null)` for a missing one.

    >>> group_text(("DELI", None))
    'DELI, (null)'
    """
    return ", ".join("(null)" if value is None else value for value in dims)


def _group_key(dims: Dims) -> tuple[str, ...]:
    """Short and readable, and never the same for two groups, whatever their values hold."""
    if not dims:
        return ()
    digest = hashlib.sha256(json.dumps(dims).encode()).hexdigest()[:8]
    return (f"{clip(group_text(dims), LONGEST_LABEL)}#{digest}",)


def _line(said: Telling, snapshot: Snapshot) -> str:
    word = "OK" if said.ended else WORD.get(said.episode.level, "WARN")
    log = said.step.transition
    if said.withdrawn and log:
        anew = "; the value is judged anew" if log.reason == EDITED else ""
        return f"ENDED {said.rule.name}: {log.reason}{anew}"
    reason = log.reason if said.ended and log else said.verdict.reason
    since = said.episode.since
    age = snapshot.as_of - since if since else timedelta(0)
    lasting = f" {'after' if said.ended else 'for'} {format_age(age)}" if age >= LEAST_AGE else ""
    return f"{word} {said.rule.metric} {reason}{lasting}"


def _facts(said: Telling, snapshot: Snapshot) -> tuple[tuple[str, str], ...]:
    rule, episode, verdict = said.rule, said.episode, said.verdict
    through, missing = snapshot.watermark, verdict.value is None
    facts = {
        "Value": "" if missing and said.withdrawn else format_amount(verdict.value, rule.unit),
        "Bound": "" if verdict.bound is None else format_amount(verdict.bound, rule.unit),
        **_compared(said),
        "Window": rule.window,
        "Since": format_moment(episode.since, said.zone) if episode.since else "",
        WORST: format_amount(episode.peak, rule.unit) if episode.peak is not None else "",
        "Rows": f"{said.reading.rows:,}" if said.reading.start or said.reading.rows > 1 else "",
        "Owner": rule.owner or "",
        "Data through": format_moment(through, said.zone) if through else "",
        "Guarantee": snapshot.guarantee,
    }
    return tuple((label, clip(text, LONGEST_HEADLINE)) for label, text in facts.items() if text)


def _compared(said: Telling) -> dict[str, str]:
    """What it was an offset earlier; of a rule about change, what the change is held against."""
    reading, frozen = said.reading, said.verdict.baseline
    if said.offset is None or (frozen is None and reading.baseline is None):
        return {}
    label = f"{said.offset.text.capitalize()} before"
    if said.rule.against is Against.VALUE:
        change = format_change(reading.delta_percent)
        return {label: f"{format_amount(reading.baseline, reading.unit)}{change}"}
    return {label: f"{format_number(frozen)}, now {format_number(reading.value)}"}
