"""What Dagster loads for the benchmarks: one declared pipeline, and a job that does nothing."""

import os

import dagster as dg

from benchmarks.dagster_home import DECLARED
from benchmarks.ours import spec_of
from kpi_pipeline.orchestration.build import build_definitions
from kpi_pipeline.orchestration.wiring import Wiring


@dg.definitions
def defs() -> dg.Definitions:
    """The pipeline that the environment names."""
    return build_definitions(Wiring(spec_of(os.environ.get(DECLARED, "demo"))))


def snapshot_job() -> dg.JobDefinition:
    """The job that the sensor asks for."""
    return build_definitions(Wiring(spec_of("demo"))).resolve_job_def("demo_job")
