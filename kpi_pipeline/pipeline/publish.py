"""Read every window from the state and make it a snapshot."""

from kpi_pipeline.compute.building import building, filled
from kpi_pipeline.compute.frames import Asked
from kpi_pipeline.compute.retention import Retention
from kpi_pipeline.compute.snapshot import WindowTotals, comparable, readings
from kpi_pipeline.compute.windows import baseline_bounds, bounds
from kpi_pipeline.model.errors import StateError
from kpi_pipeline.model.moment import MINUTE, floor_minute, total_minutes
from kpi_pipeline.model.snapshot import Snapshot
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.model.state import PipelineState
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
    windows = _windows(spec, state, unit, kept.rolled(state.rolled_until))
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


def _windows(
    spec: PipelineSpec, state: PipelineState, unit: UnitOfWork, kept: Retention
) -> tuple[WindowTotals, ...]:
    as_of = state.as_of or kept.today
    history_from = unit.history_from()
    every = frozenset(metric.name for metric in spec.simple_metrics)
    spans = [(w, bounds(w, as_of, spec.timezone)) for w in spec.windows.values()]
    befores = [baseline_bounds(w, as_of, spec.timezone) for w, _ in spans]
    bases = [b if b and comparable(b, history_from) else None for b in befores]
    asked = [Asked(span, every) for _, span in spans]
    asked += [Asked(base, every) for base in bases if base]
    found = iter(unit.totals(asked, kept))
    totals = [next(found) for _ in spans]
    return tuple(
        WindowTotals(
            name=window.name,
            bounds=span,
            totals=total,
            baseline=next(found) if base else None,
            building=building(state.dirty, span, kept),
            unready=building(state.dirty, base, kept) if base else frozenset(),
        )
        for (window, span), base, total in zip(spans, bases, totals, strict=True)
    )
