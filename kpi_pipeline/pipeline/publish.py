"""Read every window from the state and make it a snapshot."""

from dataclasses import replace

from kpi_pipeline.compute.building import building, filled
from kpi_pipeline.compute.retention import Retention
from kpi_pipeline.compute.snapshot import WindowTotals, comparable, readings
from kpi_pipeline.compute.windows import baseline_bounds, bounds
from kpi_pipeline.model.errors import StateError
from kpi_pipeline.model.moment import MINUTE, floor_minute, total_minutes
from kpi_pipeline.model.snapshot import Snapshot
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.model.state import PipelineState
from kpi_pipeline.model.window import Window
from kpi_pipeline.ports.store import UnitOfWork


def take_snapshot(
    spec: PipelineSpec, state: PipelineState, unit: UnitOfWork, kept: Retention
) -> Snapshot:
    """Every KPI over every window, as of the state's last look.

    Raises:
        StateError: The pipeline has not looked at its source yet.
    """
    as_of = state.as_of
    if as_of is None:
        raise StateError(f"{spec.name} has not folded anything yet; run `kpi-pipeline advance`")
    # After a quiet midnight yesterday is not rolled up yet; then its minutes are read.
    made = replace(kept, today=min(kept.today, state.rolled_until or kept.today))
    windows = tuple(_totals(spec, w, state, unit, made) for w in spec.windows.values())
    return Snapshot(
        pipeline=spec.name,
        revision=state.revision,
        watermark=state.watermark,
        as_of=as_of,
        computed_at=unit.now(),
        guarantee=state.guarantee or "unknown",
        position=state.position or "",
        backlog_minutes=total_minutes(item.interval for item in state.dirty),
        future_rows=unit.rows_from(floor_minute(as_of) + MINUTE),
        readings=tuple(readings(spec, windows)),
        filled=filled(spec, state),
    )


def _totals(
    spec: PipelineSpec, window: Window, state: PipelineState, unit: UnitOfWork, kept: Retention
) -> WindowTotals:
    as_of = state.as_of or kept.today
    now = bounds(window, as_of, spec.timezone)
    before = baseline_bounds(window, as_of, spec.timezone)
    ready = before is not None and comparable(before, unit.history_from())
    return WindowTotals(
        name=window.name,
        bounds=now,
        totals=unit.totals(now, kept),
        baseline=unit.totals(before, kept) if before and ready else None,
        building=building(state.dirty, now, kept),
        unready=building(state.dirty, before, kept) if before else frozenset(),
    )
