"""One slice of an audit: the same buckets from the state and from the source."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from kpi_pipeline.compute.drift import drifts_of
from kpi_pipeline.compute.refill import refilling
from kpi_pipeline.compute.retention import retention
from kpi_pipeline.compute.slices import newest_slice
from kpi_pipeline.model.audit import Drift
from kpi_pipeline.model.batch import Detection, Slice
from kpi_pipeline.model.errors import SourceError, StateError
from kpi_pipeline.model.moment import Interval, union
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.model.state import PipelineState
from kpi_pipeline.pipeline.backlog import minutes_missing
from kpi_pipeline.ports.source import Source
from kpi_pipeline.ports.store import Store


@dataclass(slots=True)
class Compared:
    """What the slices so far have shown.

    Attributes:
        at: The source's clock at the first of them.
        values: Metric and group values compared.
        rows: Source rows read.
        pending: Where both differ because rows came in between.
    """

    at: datetime | None = None
    values: int = 0
    rows: int = 0
    intervals: list[Interval] = field(default_factory=list)
    pending: list[Interval] = field(default_factory=list)
    drifts: list[Drift] = field(default_factory=list)


def compare(
    spec: PipelineSpec,
    source: Source,
    store: Store,
    left: tuple[Interval, ...],
    days: int,
    found: Compared,
) -> Slice:
    """Compare the newest `days` of what is left, and add what it shows to `found`.

    The order is the proof. The state first, buckets and position in one snapshot; then the
    source, in one snapshot of its own; then a look from that position. It names every bucket that
    rows came into between the two, so what differs elsewhere is drift. Where nothing differs there
    is nothing to tell apart, and after a pause a look is dear: only the first slice, which gives
    the audit its time, is looked after in any case.

    Raises:
        SourceError: The source is away, or is another one than was folded.
    """
    with store.read() as unit:
        state = unit.state()
        if state.as_of is None:
            raise StateError("nothing was folded yet; run `advance`")
        kept = retention(spec, state.as_of).rolled(state.rolled_until)
        piece = replace(newest_slice(left, kept, days), metrics=_built(spec, state))
        batch = source.aggregate(piece, state.as_of)
        values, differing = unit.compare(piece, batch, kept)
    missing = minutes_missing(state, kept)
    waiting = [item.interval for item in state.dirty if item.live]
    waiting.extend([missing] if missing else [])
    if differing or found.at is None:
        look = _look(source, state.position)
        waiting.extend(look.changed)
        found.at = found.at or look.as_of
    refills = [item.interval for item in state.dirty if not item.live]
    found.values += values
    found.rows += batch.rows
    found.intervals.extend(piece.intervals)
    found.drifts.extend(drifts_of(spec, differing, list(union(waiting))))
    pending = union([*waiting, *refills])
    found.pending = list(union([*found.pending, *_inside(pending, piece)]))
    return piece


def _built(spec: PipelineSpec, state: PipelineState) -> frozenset[str] | None:
    """The metrics whose history stands; None means all. Of others there is nothing to prove."""
    known = state.definitions
    folded = {name for name, sign in spec.definitions.items() if known.get(name) == sign}
    built = frozenset(folded - refilling(state.dirty))
    return None if built == spec.definitions.keys() else built


def _look(source: Source, position: str | None) -> Detection:
    look = source.detect(position)
    if look.everything is not None:
        raise SourceError(f"{look.everything}; run `advance`, which folds it, and audit after that")
    return look


def _inside(waiting: Sequence[Interval], piece: Slice) -> list[Interval]:
    parts = (w.clip(p.start, p.end) for w in waiting for p in piece.intervals)
    return [part for part in parts if part is not None]
