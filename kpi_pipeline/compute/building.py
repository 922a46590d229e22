"""Metrics whose history is still being filled: in which windows, and how far they have come."""

from collections.abc import Iterable, Mapping

from kpi_pipeline.compute.retention import Retention, segments
from kpi_pipeline.compute.windows import Bounds
from kpi_pipeline.model.batch import Grain
from kpi_pipeline.model.moment import MINUTE, Interval, floor_minute, subtract, total_minutes, union
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.model.state import Cause, Dirty, PipelineState
from kpi_pipeline.model.term import Term, leaves_of
from kpi_pipeline.model.window import Frame

MOST_NAMED = 5
ALMOST = 99
"""Percent of what is not complete, however little is missing."""


def inputs_of(spec: PipelineSpec, name: str) -> frozenset[str]:
    """The folded metrics that a metric is read from."""
    return frozenset(leaf.metric for leaf in leaves_of(spec.metrics, Term(name, Frame())))


def touches(item: Dirty, span: Bounds, kept: Retention | None) -> bool:
    """Whether what waits is part of what the bounds read.

    Days that only lack their minutes count where the bounds need minutes.
    """
    if item.cause is not Cause.MINUTES or kept is None:
        return item.interval.overlaps(span.start, span.end)
    needed = (part for part in segments(span, kept) if part.grain in {Grain.MINUTE, Grain.HOUR})
    return any(item.interval.overlaps(part.start, part.end) for part in needed)


def filled(spec: PipelineSpec, state: PipelineState) -> Mapping[str, int]:
    """Percent of its history that is filled, by metric that still lacks some; 99 at most.

    What lies after as-of counts in no window, and so not here.
    """
    missing = {name: part for name in spec.definitions if (part := _missing(name, state))}
    history = _history(state, missing.values())
    whole = total_minutes(history) or 1
    found: dict[str, int] = {}
    for metric in spec.metrics if missing else ():
        parts = (missing[name] for name in inputs_of(spec, metric) if name in missing)
        left = [whole - total_minutes(subtract(history, part)) for part in parts]
        if left:
            found[metric] = min(100 * (whole - max(left)) // whole, ALMOST)
    return found


def filled_text(progress: Mapping[str, int]) -> str:
    """`big_orders 42 %, largest 7 %`, the least filled first; empty if none is being built."""
    ranked = sorted(progress.items(), key=lambda item: (item[1], item[0]))
    named = [f"{name} {percent} %" for name, percent in ranked[:MOST_NAMED]]
    more = len(ranked) - len(named)
    return ", ".join([*named, *([f"{more} more"] if more > 0 else [])])


def _missing(name: str, state: PipelineState) -> tuple[Interval, ...]:
    built = (item for item in state.dirty if item.cause is not Cause.MINUTES)
    return union(item.interval for item in built if name in item.metrics)


def _history(state: PipelineState, missing: Iterable[tuple[Interval, ...]]) -> tuple[Interval, ...]:
    """From the oldest row that the state knows of, or is still to fold, to as-of."""
    starts = [spans[0].start for spans in missing]
    if state.history_from is not None:
        starts.append(state.history_from)
    end = floor_minute(state.as_of) + MINUTE if state.as_of is not None else None
    if end is None or not starts or min(starts) >= end:
        return ()
    return (Interval(min(starts), end),)
