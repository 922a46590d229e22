"""From a declaration to Dagster definitions: assets, checks, jobs, schedules, a sensor."""

import dagster as dg

from kpi_pipeline.orchestration.asset import snapshot_asset, snapshot_key
from kpi_pipeline.orchestration.console import QUIET
from kpi_pipeline.orchestration.executor import executor
from kpi_pipeline.orchestration.history import history_asset
from kpi_pipeline.orchestration.reconcile import audit_job, schedules
from kpi_pipeline.orchestration.sensor import snapshot_sensor
from kpi_pipeline.orchestration.wiring import Wiring


def build_definitions(wiring: Wiring) -> dg.Definitions:
    """All that Dagster needs to run one pipeline. Opens and connects to nothing."""
    spec = wiring.spec
    audit = audit_job(wiring)
    job = dg.define_asset_job(
        f"{spec.name}_job",
        selection=dg.AssetSelection.assets(snapshot_key(spec)),
        description=f"Folds what changed into the KPIs of {spec.name}.",
        config=QUIET,
    )
    return dg.Definitions(
        assets=[snapshot_asset(wiring), history_asset(wiring)],
        jobs=[job, audit],
        sensors=[snapshot_sensor(wiring, job.name)],
        schedules=schedules(spec, audit.name),
        executor=executor(),
    )
