"""History: compute days again beside the folds, any number of them at once."""

from dataclasses import dataclass, replace

from kpi_pipeline.compute.ledger import corrections
from kpi_pipeline.compute.retention import retention
from kpi_pipeline.compute.slices import slice_of
from kpi_pipeline.model.errors import StateError
from kpi_pipeline.model.moment import Interval
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.model.state import Cause, Dirty
from kpi_pipeline.pipeline.conflicts import retrying
from kpi_pipeline.ports.source import Source
from kpi_pipeline.ports.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Recomputed:
    """What computing an interval again did.

    Attributes:
        rows: Source rows read.
        changed: Metric and group values that were not as the source has them.
    """

    rows: int
    changed: int


def recompute(spec: PipelineSpec, source: Source, store: Store, interval: Interval) -> Recomputed:
    """Replace the interval's buckets by what the source holds now.

    Saves no position and no watermark, so it may run beside folds and beside itself: whoever
    replaced one of these buckets since we read the state makes us read again. The next fold
    publishes a snapshot with the result.

    Raises:
        SourceError, StateError: Nothing was changed.
    """
    return retrying(lambda _: _recompute(spec, source, store, interval))


def _recompute(spec: PipelineSpec, source: Source, store: Store, interval: Interval) -> Recomputed:
    state = store.load()
    if state.as_of is None:
        raise StateError("nothing was folded yet; the sensor's first run folds everything anyway")
    if state.definitions != spec.definitions:
        # Buckets of other definitions would be thrown away, and no fold would put them back.
        raise StateError(
            "the metrics are declared otherwise than they were last folded; load the newest "
            "declaration, let the sensor fold it, and compute history again after that"
        )
    kept = retention(spec, state.as_of)
    # As the state keeps minutes now: another process may have declared longer windows.
    kept = replace(kept, minutes_from=state.minutes_from or kept.minutes_from)
    piece = slice_of((interval,), kept)
    batch = source.aggregate(piece, state.as_of)
    cause = Dirty(interval, Cause.REWIND)
    with store.begin_history(state) as unit:
        changed = unit.replace(piece, batch, kept)
        unit.correct(corrections(spec, changed, [cause], state.as_of, state.as_of))
    return Recomputed(rows=batch.rows, changed=len(changed))
