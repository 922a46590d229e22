"""Read every window from the state and make it a snapshot."""

from kpi_pipeline.compute.building import filled
from kpi_pipeline.compute.frames import Held
from kpi_pipeline.compute.retention import Retention, retention
from kpi_pipeline.compute.snapshot import View, Wanted, asked_of, pairs_of
from kpi_pipeline.model.errors import StateError
from kpi_pipeline.model.moment import total_minutes
from kpi_pipeline.model.snapshot import Snapshot
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.model.state import Edges, PipelineState
from kpi_pipeline.ports.unit import UnitOfWork


def take_snapshot(
    spec: PipelineSpec,
    state: PipelineState,
    unit: UnitOfWork,
    kept: Retention,
    edges: Edges,
    wanted: Wanted | None = None,
    *,
    compared: Wanted = frozenset(),
) -> Snapshot:
    """Every KPI over every window, as of the state's last look.

    Args:
        spec: Of the pipeline.
        state: As the unit of work sees it, `history_from` too.
        unit: Reads the buckets.
        kept: Which buckets there are.
        edges: As the unit of work sees them.
        wanted: Names of a metric and a window each: read these alone; None for everything.
        compared: Those of them whose baselines are read too.

    Raises:
        StateError: The pipeline has not looked at its source yet.
    """
    held = held_by(spec, state)
    pairs = pairs_of(spec, wanted, compared)
    asked = asked_of(held, pairs)
    totals = unit.totals(asked, kept.rolled(state.rolled_until))
    found = {each.span: item for each, item in zip(asked, totals, strict=True)}
    view = View(spec=spec, held=held, totals=found)
    backlog = total_minutes(item.interval for item in state.dirty)
    return Snapshot(
        pipeline=spec.name,
        revision=state.revision,
        watermark=state.watermark,
        as_of=held.as_of,
        computed_at=edges.now,
        guarantee=state.guarantee or "unknown",
        position=state.position or "",
        backlog_minutes=backlog,
        refill_minutes=backlog - total_minutes(d.interval for d in state.dirty if d.live),
        future_rows=edges.future_rows,
        readings=tuple(view.readings(pairs)),
        absent=tuple(view.absent(pairs)),
        filled=filled(spec, state),
    )


def held_by(spec: PipelineSpec, state: PipelineState) -> Held:
    """How much of history the state holds as of its last look.

    Raises:
        StateError: The pipeline has not looked at its source yet.
    """
    if state.as_of is None:
        raise StateError(f"{spec.name} has not folded anything yet; run `kpi-pipeline advance`")
    return Held(
        as_of=state.as_of,
        zone=spec.timezone,
        history_from=state.history_from,
        dirty=state.dirty,
        kept=retention(spec, state.as_of).rolled(state.rolled_until),
    )
