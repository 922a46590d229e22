"""From a declaration to Dagster definitions: one asset, its checks, a job, a sensor."""

import dagster as dg

from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.orchestration.asset import snapshot_asset, snapshot_key, source_asset
from kpi_pipeline.orchestration.executor import executor
from kpi_pipeline.orchestration.sensor import snapshot_sensor
from kpi_pipeline.orchestration.wiring import Wiring


def build_definitions(spec: PipelineSpec) -> dg.Definitions:
    """All that Dagster needs to run one pipeline. Opens and connects to nothing."""
    wiring = Wiring(spec)
    job = dg.define_asset_job(
        f"{spec.name}_job",
        selection=dg.AssetSelection.assets(snapshot_key(spec)),
        description=f"Folds what changed into the KPIs of {spec.name}.",
    )
    return dg.Definitions(
        assets=[source_asset(spec), snapshot_asset(wiring)],
        jobs=[job],
        sensors=[snapshot_sensor(wiring, job.name)],
        executor=executor(),
    )
