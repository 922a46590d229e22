"""Peek: is anything due? Writes nothing, so that idle ticks launch no run."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from kpi_pipeline.compute.building import filled, filled_text
from kpi_pipeline.compute.judgement import judge_all
from kpi_pipeline.compute.numbers import format_age
from kpi_pipeline.compute.retention import retention
from kpi_pipeline.model.batch import Detection
from kpi_pipeline.model.episode import Episode
from kpi_pipeline.model.live import Tick, TickKind
from kpi_pipeline.model.moment import total_minutes, union
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.model.state import PipelineState
from kpi_pipeline.model.threshold import Against
from kpi_pipeline.pipeline.backlog import backlog_of
from kpi_pipeline.pipeline.deliver import LEASE
from kpi_pipeline.pipeline.publish import take_snapshot
from kpi_pipeline.ports.delivery import Outbox
from kpi_pipeline.ports.source import Source
from kpi_pipeline.ports.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Peek:
    """What a look found.

    Attributes:
        due: Whether a run has something to do.
        reason: Why, or why not; with lag and guarantee.
        watermark: The committed watermark; before the first row, the declared start.
        as_of: The source's clock at the look.
        newest: The committed watermark; None before the first row.
    """

    due: bool
    reason: str
    watermark: datetime
    as_of: datetime
    newest: datetime | None

    @property
    def tick(self) -> Tick:
        """The look, to be written down where nothing is due."""
        return Tick(kind=TickKind.LOOK, as_of=self.as_of, watermark=self.newest, reason=self.reason)


def peek(
    spec: PipelineSpec,
    source: Source,
    store: Store,
    outbox: Outbox,
    state: PipelineState | None = None,
) -> Peek:
    """Look for changed rows, a backlog, an alert that is due, and messages to send.

    Args:
        spec: Of the pipeline.
        source: Where rows come from.
        store: Where the state is.
        outbox: Where messages wait.
        state: As it was just loaded, if it was.

    Raises:
        SourceError, StateError: A look was not possible.
    """
    state = state or store.load()
    detection = source.detect(state.position)
    found = _rows_due(spec, state, detection, source) or _alerts_due(spec, state, detection, store)
    wait = outbox.soonest(LEASE)
    if not found and wait is not None and wait <= timedelta(0):
        waiting = outbox.due(LEASE)
        found = f"{waiting} message{'s' if waiting > 1 else ''} to send" if waiting else ""
    facts = f"{_lag(state, detection)}, guarantee {detection.guarantee}{_later(wait)}"
    reason = f"{found or 'no changed rows'}; {facts}"
    return Peek(
        due=bool(found),
        reason=reason,
        watermark=watermark_of(spec, state),
        as_of=detection.as_of,
        newest=state.watermark,
    )


def watermark_of(spec: PipelineSpec, state: PipelineState) -> datetime:
    """The committed watermark; before the first row, the declared start."""
    return state.watermark or spec.start


def _rows_due(
    spec: PipelineSpec, state: PipelineState, detection: Detection, source: Source
) -> str:
    if not state.started:
        return "first fill"
    kept = retention(spec, detection.as_of)
    backlog = backlog_of(spec, state, detection, source, kept)
    minutes = total_minutes(union(item.interval for item in backlog))
    if not minutes and state.rolled_until is None:
        return "hours, months and years to make, which an earlier release did not keep"
    if not minutes:
        return "" if state.published else "history was computed again"
    causes = sorted({item.cause.value for item in backlog})
    if detection.everything is not None:
        return f"{minutes:,} minute buckets to fold again: {detection.everything}"
    looked = replace(state, as_of=detection.as_of, dirty=backlog)
    progress = filled_text(filled(spec, looked))
    built = f"; building {progress}" if progress else ""
    return f"{minutes:,} minute buckets to fold ({', '.join(causes)}){built}"


def _alerts_due(
    spec: PipelineSpec, state: PipelineState, detection: Detection, store: Store
) -> str:
    """Time alone can open or close an episode: a quiet shop, a breach that has now lasted."""
    kept = retention(spec, detection.as_of)
    looked = replace(state, as_of=detection.as_of, guarantee=detection.guarantee)
    rules = spec.thresholds.values()
    ruled = {(rule.metric, rule.window) for rule in rules}
    changes = {(r.metric, r.window) for r in rules if r.against is not Against.VALUE}
    with store.read() as unit:
        edges = unit.edges(detection.as_of)
        newest = max(filter(None, (state.watermark, edges.newest)), default=None)
        looked = replace(looked, watermark=newest)
        snapshot = take_snapshot(spec, looked, unit, kept, edges, ruled, compared=changes)
        around = unit.surroundings(snapshot.computed_at)
        known = unit.episodes()
        judgement = judge_all(spec, snapshot, known, around)
    changed = {item.rule for item in judgement.transitions}
    # Moments that move and make no line of the log: a clock that was set back, an earlier release.
    # If nobody wrote them down, each look would begin to wait anew.
    changed |= {e.rule for e in judgement.episodes if _waits_anew(known.get((e.rule, e.dims)), e)}
    return f"alert state changes: {', '.join(sorted(changed))}" if changed else ""


def _waits_anew(before: Episode | None, after: Episode) -> bool:
    if before is None:
        return False
    moments = (before.since, before.clear_since, before.notified_at)
    return moments != (after.since, after.clear_since, after.notified_at)


def _later(wait: timedelta | None) -> str:
    """When the next message can be tried, if one waits for its time."""
    if wait is None or wait <= timedelta(0):
        return ""
    return f", the next message in {format_age(wait)}"


def _lag(state: PipelineState, detection: Detection) -> str:
    if state.watermark is None:
        return "nothing folded yet"
    age = max(detection.as_of - state.watermark, timedelta(0))
    return f"newest row {format_age(age)} old"
