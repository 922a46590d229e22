"""A Dagster job that does nothing: what a run costs whatever it does."""

import dagster as dg


@dg.asset
def nothing() -> dg.MaterializeResult:  # type: ignore[type-arg]  # Dagster refuses a parameter here
    """Says that it is there."""
    return dg.MaterializeResult(metadata={"rows": 0})


def empty_job() -> dg.JobDefinition:
    """One asset that is made in the process of the run, as ours is."""
    return dg.Definitions(
        assets=[nothing],
        jobs=[dg.define_asset_job("empty_job")],
        executor=dg.in_process_executor,
    ).resolve_job_def("empty_job")
