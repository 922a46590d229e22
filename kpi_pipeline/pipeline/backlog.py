"""What waits to be folded: what was queued before, and what this look adds."""

from collections.abc import Iterable
from dataclasses import replace

from kpi_pipeline.compute.retention import Retention
from kpi_pipeline.model.batch import Detection
from kpi_pipeline.model.moment import MINUTE, Interval, coalesced, floor_minute
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.model.state import Cause, Dirty, PipelineState
from kpi_pipeline.ports.source import Source

MOST_RANGES = 200


def backlog_of(
    spec: PipelineSpec,
    state: PipelineState,
    detection: Detection,
    source: Source,
    kept: Retention,
) -> tuple[Dirty, ...]:
    """All ranges to fold, each with its cause, none before the declared start.

    Raises:
        SourceError: The source cannot say from when to when it holds rows.
    """
    seen = Cause.RESTART if detection.restarted else Cause.CHANGED
    found = [*state.dirty, *(Dirty(item, seen) for item in detection.changed)]
    changed = _changed_metrics(spec, state)
    cause = _whole_history(state, detection, changed)
    if cause is not None:
        whole = span(state, source.extent())
        found.extend([Dirty(whole, cause, changed)] if whole else [])
    gap = minutes_missing(state, kept)
    if gap is not None:
        found.append(Dirty(gap, Cause.MINUTES, frozenset(spec.definitions)))
    return _fewer(_declared(spec, _from_start(spec, found)))


def minutes_missing(state: PipelineState, kept: Retention) -> Interval | None:
    """Days that are to keep their minutes and do not yet: a window has become longer."""
    if state.minutes_from is None or state.minutes_from <= kept.minutes_from:
        return None
    return Interval(kept.minutes_from, state.minutes_from)


def span(state: PipelineState, extent: Interval | None) -> Interval | None:
    """Everything that the source or the state holds; None if neither holds a row."""
    starts = [extent.start] if extent else []
    ends = [extent.end] if extent else []
    if state.history_from is not None:
        starts.append(state.history_from)
    if state.newest_bucket is not None:
        ends.append(state.newest_bucket + MINUTE)
    if state.as_of is not None and starts:
        ends.append(floor_minute(state.as_of) + MINUTE)
    return Interval(min(starts), max(ends)) if starts and ends else None


def _changed_metrics(spec: PipelineSpec, state: PipelineState) -> frozenset[str]:
    known = state.definitions
    return frozenset(name for name, sign in spec.definitions.items() if known.get(name) != sign)


def _whole_history(
    state: PipelineState, detection: Detection, changed: frozenset[str]
) -> Cause | None:
    if not state.started:
        return Cause.FIRST_FILL
    if detection.everything is not None:
        return Cause.SOURCE
    return Cause.DEFINITION if changed else None


def _fewer(found: tuple[Dirty, ...]) -> tuple[Dirty, ...]:
    """A mass update touches every minute there is: then what lies between is folded too.

    What is queued is written with each step, and read by each look.
    """
    groups: dict[tuple[Cause, frozenset[str]], list[Interval]] = {}
    for item in found:
        groups.setdefault((item.cause, item.metrics), []).append(item.interval)
    return tuple(
        Dirty(interval, *kind)
        for kind, intervals in groups.items()
        for interval in coalesced(intervals, MOST_RANGES)
    )


def _declared(spec: PipelineSpec, found: Iterable[Dirty]) -> tuple[Dirty, ...]:
    """Without the metrics that were removed while their history was being filled."""
    known = frozenset(spec.definitions)
    kept = (replace(item, metrics=item.metrics & known) for item in found)
    return tuple(item for item in kept if item.live or item.metrics)


def _from_start(spec: PipelineSpec, found: list[Dirty]) -> tuple[Dirty, ...]:
    start = floor_minute(spec.start)
    clipped = ((item, item.interval.clip(start, item.interval.end)) for item in found)
    return tuple(Dirty(part, item.cause, item.metrics) for item, part in clipped if part)
