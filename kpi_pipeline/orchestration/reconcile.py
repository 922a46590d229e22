"""The audit as a job on two schedules; its verdict is the check `source_reconciles`."""

import time
from datetime import UTC, datetime, timedelta

import dagster as dg
from dagster._core.definitions.asset_checks.asset_check_evaluation import (
    AssetCheckEvaluationTargetMaterializationData,
)

from kpi_pipeline.model.audit import Audit
from kpi_pipeline.model.errors import KpiError
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.orchestration.asset import snapshot_key
from kpi_pipeline.orchestration.checks import audit_result
from kpi_pipeline.orchestration.console import QUIET
from kpi_pipeline.orchestration.wiring import Wiring
from kpi_pipeline.pipeline.advance import advance
from kpi_pipeline.pipeline.audit import audit
from kpi_pipeline.pipeline.scope import Scope

EVERYTHING = "all_history"
BUDGET = timedelta(minutes=10)
SWEEP_TRIES, SWEEP_PAUSE = 30, 2.0
"""How often, and with how many seconds between, a sweep waits for a fold to end."""


def audit_job(wiring: Wiring) -> dg.JobDefinition:
    """Compares buckets with the source; what differs is queued, and folded by the next tick.

    The snapshot's runs repeat the last verdict, because Dagster's badge is about the newest
    materialization only; this one is told at once, so that a quiet shop is told too.
    """
    spec = wiring.spec

    @dg.op(
        name=f"{spec.name}_audit",
        config_schema={
            EVERYTHING: dg.Field(
                bool,
                default_value=False,
                description="Compare all of history, after a sweep for updates of old rows; "
                "else the recent hours that the declaration names.",
            )
        },
    )
    def audit_op(context: dg.OpExecutionContext) -> None:
        try:
            found = _audit(wiring, context, everything=bool(context.op_config[EVERYTHING]))
        except KpiError as error:
            raise dg.Failure(str(error)) from None
        verdict = _evaluation(spec, context, found)
        context.log_event(verdict)  # type: ignore[arg-type]  # it is taken; the hint lags behind
        context.log.info(verdict.description or "")

    @dg.job(
        name=f"{spec.name}_audit_job",
        description=f"Holds the KPIs of {spec.name} against the source.",
    )
    def job() -> None:
        audit_op()

    return job


def schedules(spec: PipelineSpec, job_name: str) -> list[dg.ScheduleDefinition]:
    """Recent buckets often, everything daily; both running from the start."""
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
        run_config=QUIET | {"ops": {f"{spec.name}_audit": {"config": {EVERYTHING: True}}}},
        description="Sweeps and compares all of history, or the share of it that is declared.",
        default_status=dg.DefaultScheduleStatus.RUNNING,
    )
    return [often, daily]


def cron_of(every: timedelta) -> str:
    """A cron expression for a duration that divides an hour or a day."""
    minutes = int(every.total_seconds() // 60)
    return f"*/{minutes} * * * *" if minutes < 60 else f"0 */{minutes // 60} * * *"  # noqa: PLR2004


def _audit(wiring: Wiring, context: dg.OpExecutionContext, *, everything: bool) -> Audit:
    parts = wiring.assembly()
    spec = parts.spec
    if everything:
        _sweep(wiring, context)
    since = None if everything else datetime.now(UTC) - spec.audit.recent
    share = spec.audit.share if everything else 1.0
    scope = Scope(since=since, share=share, resume=True, repair=True)
    return audit(spec, parts.source, parts.store, scope, budget=BUDGET, clock=time.monotonic)


def _sweep(wiring: Wiring, context: dg.OpExecutionContext) -> None:
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


def _evaluation(
    spec: PipelineSpec, context: dg.OpExecutionContext, found: Audit
) -> dg.AssetCheckEvaluation:
    """About the newest materialization, which is what the badge shows."""
    key, result = snapshot_key(spec), audit_result(spec, found)
    newest = next(iter(context.instance.fetch_materializations(key, limit=1).records), None)
    return dg.AssetCheckEvaluation(
        asset_key=key,
        check_name=result.check_name or "",
        passed=result.passed,
        severity=result.severity,
        description=result.description,
        metadata=result.metadata,
        target_materialization_data=newest
        and AssetCheckEvaluationTargetMaterializationData(
            storage_id=newest.storage_id, run_id=newest.run_id, timestamp=newest.timestamp
        ),
    )
