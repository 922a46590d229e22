"""The words of an alert, value first."""

import hashlib
import json
from datetime import timedelta

from kpi_pipeline.compute.episodes import Step
from kpi_pipeline.compute.numbers import format_age, format_value
from kpi_pipeline.model.batch import Dims
from kpi_pipeline.model.episode import Episode, Verdict
from kpi_pipeline.model.notice import Level, Notice, NoticeKind
from kpi_pipeline.model.snapshot import Snapshot
from kpi_pipeline.model.threshold import Threshold

LONGEST_TEXT = 140
LONGEST_LABEL = 60
LONGEST_HEADLINE = 150
WORD = {Level.WARN: "WARN", Level.CRITICAL: "CRIT"}


def notice(
    rule: Threshold, before: Episode, step: Step, verdict: Verdict, snapshot: Snapshot
) -> Notice:
    """The message of one step that has something to tell.

    Its key names pipeline, rule, group, episode, kind and level, so that each is said once.
    """
    if step.kind is None:
        raise ValueError(f"the step of {rule.name} has nothing to tell")
    ended = step.kind is NoticeKind.RESOLVE
    level = before.level if ended else step.episode.level
    place = "/".join((snapshot.pipeline, rule.name, *_group_key(verdict.dims)))
    episode_key = f"{place}/{step.episode.number}"
    group = f" ({group_text(verdict.dims)})" if verdict.dims else ""
    word = "OK" if ended else WORD.get(level, "WARN")
    reason = step.transition.reason if step.transition else verdict.reason
    line = f"{word} {rule.metric} {reason}{_lasting(step, before, snapshot)}{group}"
    return Notice(
        key=f"{episode_key}/{step.kind.value}/{level.value}",
        episode_key=episode_key,
        pipeline=snapshot.pipeline,
        rule=rule.name,
        kind=step.kind,
        level=level,
        text=_cut(line, LONGEST_TEXT),
        headline=_cut(f"{snapshot.pipeline}: {rule.name}{group}", LONGEST_HEADLINE),
        facts=_facts(rule, before if ended else step.episode, verdict, snapshot),
    )


def _group_key(dims: Dims) -> tuple[str, ...]:
    """Short and readable, and never the same for two groups, whatever their values hold."""
    if not dims:
        return ()
    digest = hashlib.sha256(json.dumps(dims).encode()).hexdigest()[:8]
    return (f"{_cut(group_text(dims), LONGEST_LABEL)}#{digest}",)


def group_text(dims: Dims) -> str:
    """A group as text: its values, `(null)` for a missing one.

    >>> group_text(("DELI", None))
    'DELI, (null)'
    """
    return ", ".join("(null)" if value is None else value for value in dims)


def _facts(
    rule: Threshold, episode: Episode, verdict: Verdict, snapshot: Snapshot
) -> tuple[tuple[str, str], ...]:
    through = snapshot.watermark
    facts = {
        "Value": format_value(verdict.value, rule.unit),
        "Bound": format_value(verdict.bound, rule.unit),
        "Window": rule.window,
        "Since": episode.since.isoformat(timespec="seconds") if episode.since else "",
        "Furthest": format_value(episode.peak, rule.unit) if episode.peak is not None else "",
        "Data through": through.isoformat(timespec="seconds") if through else "",
        "Guarantee": snapshot.guarantee,
    }
    return tuple((label, text) for label, text in facts.items() if text)


def _lasting(step: Step, before: Episode, snapshot: Snapshot) -> str:
    since = before.since if step.kind is NoticeKind.RESOLVE else step.episode.since
    age = snapshot.as_of - since if since else timedelta(0)
    return f" after {format_age(age)}" if age >= timedelta(minutes=1) else ""


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
