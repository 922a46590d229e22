"""The check `source_reconciles`: the state held against the source, on a schedule."""

import time
from datetime import UTC, datetime, timedelta, tzinfo

import dagster as dg

from kpi_pipeline.compute.reconciliation import audit_sentence, drift_table
from kpi_pipeline.model.audit import Audit
from kpi_pipeline.model.errors import KpiError
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.orchestration.asset import snapshot_key
from kpi_pipeline.orchestration.console import QUIET
from kpi_pipeline.orchestration.metadata import markdown
from kpi_pipeline.orchestration.wiring import Wiring
from kpi_pipeline.pipeline.advance import advance
from kpi_pipeline.pipeline.audit import Scope, audit

NAME = "source_reconciles"
EVERYTHING = "all_history"
BUDGET = timedelta(minutes=10)
SWEEP_TRIES, SWEEP_PAUSE = 30, 2.0
"""How often, and with how many seconds between, a sweep waits for a fold to end."""


def reconcile_check(wiring: Wiring) -> dg.AssetChecksDefinition:
    """Compares buckets with the source; what differs is queued, and folded by the next tick."""
    spec = wiring.spec

    @dg.asset_check(
        asset=snapshot_key(spec),
        name=NAME,
        description=(
            "Count, sums, least, greatest and distinct values of every bucket, state against "
            "source. What differs is queued to be folded again."
        ),
        config_schema={
            EVERYTHING: dg.Field(
                bool,
                default_value=False,
                description="Compare all of history, after a sweep for updates of old rows; "
                "else the recent hours that the declaration names.",
            )
        },
    )
    def source_reconciles(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
        everything = bool(context.op_execution_context.op_config[EVERYTHING])
        try:
            return _result(_reconcile(wiring, context, everything=everything), spec.timezone)
        except KpiError as error:
            raise dg.Failure(str(error)) from None

    return source_reconciles


def _reconcile(
    wiring: Wiring, context: dg.AssetCheckExecutionContext, *, everything: bool
) -> Audit:
    parts = wiring.assembly()
    spec = parts.spec
    if everything:
        _sweep(wiring, context)
    since = None if everything else datetime.now(UTC) - spec.audit.recent
    scope = Scope(since=since, share=spec.audit.share if everything else 1.0, repair=True)
    return audit(spec, parts.source, parts.store, scope, budget=BUDGET, clock=time.monotonic)


def _sweep(wiring: Wiring, context: dg.AssetCheckExecutionContext) -> None:
    """Cheaper than comparing, and finds most of what there is; an audit works without it."""
    parts = wiring.assembly()
    budget = wiring.settings().run_budget
    try:
        for _ in range(SWEEP_TRIES):
            done = advance(
                parts.spec,
                parts.source,
                parts.store,
                budget=budget,
                clock=time.monotonic,
                sweep=True,
            )
            if done.folded_by_us:
                context.log.info("swept; %d shown numbers changed", len(done.corrections))
                return
            time.sleep(SWEEP_PAUSE)  # the sensor's run, which sweeps nothing, has the lock
    except KpiError as error:
        context.log.warning("no sweep this time: %s", error)
        return
    context.log.warning("no sweep this time: another process folds all the while")


def _result(found: Audit, zone: tzinfo) -> dg.AssetCheckResult:
    metadata: dict[str, dg.MetadataValue] = {
        "verified_at": dg.MetadataValue.timestamp(found.at),
        "values_compared": dg.MetadataValue.int(found.buckets),
        "rows_read": dg.MetadataValue.int(found.rows),
        "values_that_differ": dg.MetadataValue.int(found.drifted),
        "minutes_pending": dg.MetadataValue.int(found.pending),
        "minutes_queued": dg.MetadataValue.int(found.queued),
    }
    if found.interval is not None:
        metadata["verified_since"] = dg.MetadataValue.timestamp(found.interval.start)
    if found.drifts:
        metadata["drift"] = dg.MetadataValue.md(markdown(drift_table(found, zone)))
    return dg.AssetCheckResult(
        passed=found.reconciles,
        severity=dg.AssetCheckSeverity.WARN,
        description=audit_sentence(found, zone),
        metadata=metadata,
    )


def schedules(spec: PipelineSpec, job_name: str) -> list[dg.ScheduleDefinition]:
    """Recent buckets often, everything daily; both running from the start."""
    op = f"{spec.name}__kpi_snapshot_{NAME}"
    often = dg.ScheduleDefinition(
        name=f"{spec.name}_audit_recent",
        job_name=job_name,
        cron_schedule=cron_of(spec.audit.every),
        run_config=QUIET,
        description="Compares the recent hours with the source.",
        default_status=dg.DefaultScheduleStatus.RUNNING,
    )
    daily = dg.ScheduleDefinition(
        name=f"{spec.name}_audit_all",
        job_name=job_name,
        cron_schedule=f"{spec.audit.at.minute} {spec.audit.at.hour} * * *",
        execution_timezone=spec.timezone.key,
        run_config=QUIET | {"ops": {op: {"config": {EVERYTHING: True}}}},
        description="Sweeps and compares all of history, or the share of it that is declared.",
        default_status=dg.DefaultScheduleStatus.RUNNING,
    )
    return [often, daily]


def cron_of(every: timedelta) -> str:
    """A cron expression for a duration that divides an hour or a day."""
    minutes = int(every.total_seconds() // 60)
    return f"*/{minutes} * * * *" if minutes < 60 else f"0 */{minutes // 60} * * *"  # noqa: PLR2004
