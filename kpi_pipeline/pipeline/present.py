"""The state as of the last good look, which may be later than the last commit."""

from dataclasses import dataclass, replace
from datetime import datetime

from kpi_pipeline.compute.frames import Held
from kpi_pipeline.compute.retention import Retention, retention
from kpi_pipeline.model.moment import MINUTE, Interval, floor_minute
from kpi_pipeline.model.snapshot import Snapshot
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.model.state import Cause, Dirty, Edges, PipelineState
from kpi_pipeline.pipeline.publish import held_by, take_snapshot
from kpi_pipeline.ports.watch import Watch


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


def present_snapshot(spec: PipelineSpec, watch: Watch) -> Snapshot | None:
    """Every KPI as of the last good look; None before the first fold."""
    found = present(spec, watch)
    if found is None:
        return None
    return take_snapshot(spec, found.state, watch, found.kept, found.edges)


def _unknown(spec: PipelineSpec, state: PipelineState, as_of: datetime) -> tuple[Dirty, ...]:
    """Of metrics that no fold has seen by their present definition, nothing is there yet."""
    signs = spec.definitions.items()
    names = frozenset(name for name, sign in signs if state.definitions.get(name) != sign)
    end = floor_minute(as_of) + MINUTE
    whole = Interval(min(state.history_from or as_of, end - MINUTE), end)
    return (Dirty(whole, Cause.DEFINITION, names),) if names else ()
