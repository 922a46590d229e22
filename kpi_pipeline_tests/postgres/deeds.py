"""What may be asked of a pipeline, by name; each as a run of its own would do it."""

import time
from datetime import UTC, datetime, timedelta

from kpi_pipeline.compute.calendar import day_start
from kpi_pipeline.model.errors import StateError
from kpi_pipeline.model.moment import Interval
from kpi_pipeline.pipeline.advance import Outcome, advance
from kpi_pipeline.pipeline.fold import fold
from kpi_pipeline.pipeline.history import Recomputed, recompute
from kpi_pipeline_tests.sales import Sales

DAY = timedelta(days=1)


def poll(sales: Sales, *, seconds: float = 60, sweep: bool = False) -> Outcome:
    """Fold; waits for the lock of a process that just died, as the next tick would."""
    parts, budget = sales.parts, timedelta(seconds=seconds)
    for _ in range(500):
        outcome = advance(
            parts.spec,
            parts.source,
            parts.store,
            budget=budget,
            clock=time.monotonic,
            sweep=sweep,
        )
        if outcome.folded_by_us:
            return outcome
        time.sleep(0.01)
    raise AssertionError("the lock of a dead process is still held")


def overtake(sales: Sales) -> None:
    """Fold once without asking for the lock, which only saves work."""
    fold(sales.spec, sales.parts.source, sales.parts.store, 1000)


def again(sales: Sales, days: int) -> Recomputed | None:
    """Compute a day again beside the folds; None where a new declaration must be folded first."""
    zone = sales.spec.timezone
    start = day_start(datetime.now(UTC) - days * DAY, zone)
    day = Interval(start, day_start(start, zone, shift=1))
    try:
        return recompute(sales.spec, sales.parts.source, sales.parts.store, day)
    except StateError as refusal:
        if "declared otherwise" not in str(refusal):
            raise
        return None


def started(sales: Sales) -> bool:
    """Whether anything was folded."""
    return sales.parts.store.load().started
