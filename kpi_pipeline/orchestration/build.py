"""From a declaration to Dagster definitions: assets, checks, jobs, schedules, a sensor."""

import dagster as dg

from kpi_pipeline.orchestration.asset import snapshot_asset, snapshot_key
from kpi_pipeline.orchestration.console import QUIET
from kpi_pipeline.orchestration.executor import executor
from kpi_pipeline.orchestration.history import history_asset
from kpi_pipeline.orchestration.reconcile import reconcile_check, schedules
from kpi_pipeline.orchestration.sensor import snapshot_sensor
from kpi_pipeline.orchestration.wiring import Wiring


def build_definitions(wiring: Wiring) -> dg.Definitions:
    """All that Dagster needs to run one pipeline. Opens and connects to nothing."""
    spec = wiring.spec
    reconciles = reconcile_check(wiring)
    audit = dg.AssetSelection.checks(reconciles)
    job = dg.define_asset_job(
        f"{spec.name}_job",
        selection=dg.AssetSelection.assets(snapshot_key(spec)) - audit,
        description=f"Folds what changed into the KPIs of {spec.name}.",
        config=QUIET,
    )
    audit_job = dg.define_asset_job(
        f"{spec.name}_audit_job",
        selection=audit,
        description=f"Holds the KPIs of {spec.name} against the source.",
        config=QUIET,
    )
    return dg.Definitions(
        assets=[snapshot_asset(wiring), history_asset(wiring)],
        asset_checks=[reconciles],
        jobs=[job, audit_job],
        sensors=[snapshot_sensor(wiring, job.name)],
        schedules=schedules(spec, audit_job.name),
        executor=executor(),
    )
