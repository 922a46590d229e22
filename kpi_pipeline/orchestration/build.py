"""From a declaration to Dagster definitions: one asset, its checks, a job, a sensor."""

import dagster as dg

from kpi_pipeline.orchestration.asset import snapshot_asset, snapshot_key
from kpi_pipeline.orchestration.executor import executor
from kpi_pipeline.orchestration.sensor import snapshot_sensor
from kpi_pipeline.orchestration.wiring import Wiring


def build_definitions(wiring: Wiring) -> dg.Definitions:
    """All that Dagster needs to run one pipeline. Opens and connects to nothing."""
    spec = wiring.spec
    job = dg.define_asset_job(
        f"{spec.name}_job",
        selection=dg.AssetSelection.assets(snapshot_key(spec)),
        description=f"Folds what changed into the KPIs of {spec.name}.",
        # On the console only what people read; the UI keeps every event.
        config={"loggers": {"console": {"config": {"log_level": "INFO"}}}},
    )
    return dg.Definitions(
        assets=[snapshot_asset(wiring)],
        jobs=[job],
        sensors=[snapshot_sensor(wiring, job.name)],
        executor=executor(),
    )
