"""The history of new and changed metrics: whose is filled next, and which part of it."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

from kpi_pipeline.model.batch import Slice
from kpi_pipeline.model.moment import EARLIEST, Interval, subtract, union
from kpi_pipeline.model.state import Cause, Dirty


class Refill(NamedTuple):
    """What to fill next.

    Attributes:
        metrics: Whose history.
        spans: Sorted, disjoint intervals; empty if there is nothing to fill.
    """

    metrics: frozenset[str]
    spans: tuple[Interval, ...]


def refilling(backlog: Iterable[Dirty]) -> frozenset[str]:
    """Metrics whose history is filled beside the others."""
    return frozenset(name for item in backlog if not item.live for name in item.metrics)


def next_refill(backlog: Sequence[Dirty], barred: frozenset[str] = frozenset()) -> Refill:
    """The metrics whose missing history reaches nearest to now.

    A metric that was declared later catches up with those that wait before it, and no further:
    from there on they share each look at the source's rows.

    Args:
        backlog: What waits.
        barred: Metrics that are passed over.
    """
    missing = {
        name: union(item.interval for item in backlog if not item.live and name in item.metrics)
        for name in refilling(backlog) - barred
    }
    ends = {name: spans[-1].end for name, spans in missing.items()}
    newest = max(ends.values(), default=EARLIEST)
    metrics = frozenset(name for name, end in ends.items() if end == newest)
    caught_up = max((end for end in ends.values() if end < newest), default=EARLIEST)
    spans = union(span for name in metrics for span in missing[name])
    clipped = (span.clip(caught_up, newest) for span in spans)
    return Refill(metrics, tuple(span for span in clipped if span is not None))


def without(backlog: Iterable[Dirty], piece: Slice, known: frozenset[str]) -> tuple[Dirty, ...]:
    """What is left to fold after a slice; what it left out of some metrics is theirs to fill.

    Args:
        backlog: What waited.
        piece: What was folded.
        known: Every metric that is folded.
    """
    left: list[Dirty] = []
    for item in backlog:
        outside = subtract([item.interval], piece.intervals)
        left.extend(replace(item, interval=part) for part in outside)
        rest = _left_out(item, piece, known)
        inside = subtract([item.interval], outside) if rest else ()
        left.extend(Dirty(part, Cause.DEFINITION, rest) for part in inside)
    return tuple(left)


def _left_out(item: Dirty, piece: Slice, known: frozenset[str]) -> frozenset[str]:
    if piece.metrics is None:
        return frozenset()
    return (known if item.live else item.metrics) - piece.metrics
