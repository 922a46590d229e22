"""History by the day: a backfill from Dagster's UI computes days again, side by side."""

import warnings
from datetime import date

import dagster as dg

from kpi_pipeline.compute.calendar import day_start, local_day, start_of
from kpi_pipeline.model.errors import KpiError
from kpi_pipeline.model.moment import Interval
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.orchestration.sources import TABLE, source_key
from kpi_pipeline.orchestration.wiring import Wiring
from kpi_pipeline.pipeline.history import Recomputed, recompute

MOST_DAYS = 100
"""Days in one run of a backfill: a run costs seconds to start, a day a fraction of one."""


def history_key(spec: PipelineSpec) -> dg.AssetKey:
    """The history of a pipeline."""
    return dg.AssetKey([spec.name, "kpi_history"])


def history_asset(wiring: Wiring) -> dg.AssetsDefinition:
    """One partition a local day since the declared start; materializing one recomputes it."""
    spec = wiring.spec
    days = dg.DailyPartitionsDefinition(
        start_date=local_day(spec.start, spec.timezone).isoformat(), timezone=spec.timezone.key
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dg.BetaWarning)  # of the backfill policy; pinned, tested
        daily = dg.asset(
            key=history_key(spec),
            deps=[source_key(spec.source.table)],
            partitions_def=days,
            backfill_policy=dg.BackfillPolicy.multi_run(max_partitions_per_run=MOST_DAYS),
            group_name=spec.name,
            kinds={"postgres", "python"},
            description=(
                f"The buckets of each day, computed again from `{spec.source.table}`. The sensor "
                "fills them without this; backfill days here to recompute many side by side. "
                "Buckets are replaced, so nothing is counted twice."
            ),
            metadata={TABLE: spec.source.table},
        )

    @daily
    def kpi_history(context: dg.AssetExecutionContext) -> None:
        for key in reversed(context.partition_keys):
            done = _recompute(wiring, key)
            context.log.info("%s: %d rows, %d values replaced", key, done.rows, done.changed)
            context.add_asset_metadata(
                {"rows": done.rows, "values_replaced": done.changed},
                asset_key=history_key(spec),
                partition_key=key,
            )

    return kpi_history


def _recompute(wiring: Wiring, key: str) -> Recomputed:
    parts = wiring.assembly()
    zone = parts.spec.timezone
    start = start_of(date.fromisoformat(key), zone)
    day = Interval(start, day_start(start, zone, shift=1))
    try:
        return recompute(parts.spec, parts.source, parts.store, day)
    except KpiError as error:
        raise dg.Failure(f"{key}: {error}") from None
