"""The state as of the last good look, which may be later than the last commit."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from kpi_pipeline.compute.frames import Held
from kpi_pipeline.compute.retention import Retention, retention
from kpi_pipeline.model.moment import MINUTE, Interval, floor_minute
from kpi_pipeline.model.pulse import Life
from kpi_pipeline.model.snapshot import Reading, Snapshot
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.model.state import Cause, Dirty, Edges, PipelineState
from kpi_pipeline.model.window import Frame
from kpi_pipeline.pipeline.publish import held_by, take_snapshot
from kpi_pipeline.ports.watch import Watch

DAMAGE = (ValueError, ArithmeticError)
"""What reading raises where the state of a KPI is not what it should be; databases raise others."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """The state as of the last good look.

    Attributes:
        edges: Where its buckets begin and end.
        kept: Which buckets there should be.
        held: How much of history that is.
    """

    state: PipelineState
    edges: Edges
    kept: Retention
    held: Held


def present(spec: PipelineSpec, watch: Watch) -> Present | None:
    """The state as of the last good look; None before the first fold.

    A look that found nothing new says that the state is whole as of then: windows move on to it.
    One that found something says nothing, until a run has folded that. So this is never ahead
    of what is folded.
    """
    state = watch.state()
    if state.as_of is None:
        return None
    as_of = max(state.as_of, watch.looked() or state.as_of)
    edges = watch.edges(as_of)
    newest = max(filter(None, (state.watermark, edges.newest)), default=None)
    watermark = None if newest is None else min(newest, as_of)
    state = replace(state, as_of=as_of, watermark=watermark)
    state = replace(state, dirty=(*state.dirty, *_unknown(spec, state, as_of)))
    kept = retention(spec, as_of)
    return Present(state=state, edges=edges, kept=kept, held=held_by(spec, state))


def present_snapshot(spec: PipelineSpec, watch: Watch, life: Life) -> Snapshot | None:
    """Every KPI as of the last good look; None before the first fold.

    A KPI whose state is damaged says nothing, and the others what they say. It was computed when
    the newest one was published, not now: whoever reads the same state sees the same.
    """
    found = present(spec, watch)
    if found is None:
        return None
    state, kept, edges = found.state, found.kept, found.edges
    try:
        whole = take_snapshot(spec, state, watch, kept, edges)
    except DAMAGE:
        whole = _apart(spec, found, watch)
    return replace(whole, computed_at=life.published_at or whole.computed_at)


def _apart(spec: PipelineSpec, found: Present, watch: Watch) -> Snapshot:
    """The snapshot of one KPI after the other."""
    state, kept, edges = found.state, found.kept, found.edges
    readings: list[Reading] = []
    for name in spec.metrics:
        wanted = {(name, window) for window in spec.windows}
        try:
            one = take_snapshot(spec, state, watch, kept, edges, wanted, compared=wanted)
        except DAMAGE as error:
            _log.warning("%s of %s cannot be shown: %s", name, spec.name, error)
            readings += _nothing(spec, found.held, name)
        else:
            readings += one.readings
    bare = take_snapshot(spec, state, watch, kept, edges, frozenset())
    return replace(bare, readings=tuple(readings))


def _nothing(spec: PipelineSpec, held: Held, name: str) -> Iterator[Reading]:
    """No value over any window; no group of it is known."""
    metric = spec.metrics[name]
    for window in spec.windows.values() if not metric.group_by else ():
        span = held.span(Frame(reach=window.reach))
        yield Reading(
            metric=name,
            window=window.name,
            dims=(),
            value=None,
            rows=0,
            unit=metric.unit,
            start=span.start,
            end=span.end,
            baseline=None,
            building=False,
        )


def _unknown(spec: PipelineSpec, state: PipelineState, as_of: datetime) -> tuple[Dirty, ...]:
    """Of metrics that no fold has seen by their present definition, nothing is there yet."""
    signs = spec.definitions.items()
    names = frozenset(name for name, sign in signs if state.definitions.get(name) != sign)
    end = floor_minute(as_of) + MINUTE
    whole = Interval(min(state.history_from or as_of, end - MINUTE), end)
    return (Dirty(whole, Cause.DEFINITION, names),) if names else ()
