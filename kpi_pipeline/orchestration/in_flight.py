"""Is a run of this pipeline under way? What Dagster believes, held against the database's lock."""

from datetime import UTC, datetime, timedelta

import dagster as dg
from dagster import DagsterRunStatus, RunsFilter

from kpi_pipeline.ports import Store

UNFINISHED = [
    DagsterRunStatus.QUEUED,
    DagsterRunStatus.NOT_STARTED,
    DagsterRunStatus.STARTING,
    DagsterRunStatus.STARTED,
    DagsterRunStatus.CANCELING,
]
GRACE = timedelta(minutes=3)
"""A run that has held the lock for no part of this long, since it began, is dead."""


def run_in_flight(instance: dg.DagsterInstance, job_name: str, store: Store) -> str:
    """Why no run should be requested now; '' if one may.

    After a `kill -9` Dagster goes on believing in a run that nobody executes. The lock tells: the
    database dropped it with the process. Such a run is marked as failed, so that people see it.
    """
    if store.busy():
        return "a run is folding right now"
    runs = instance.get_run_records(RunsFilter(job_name=job_name, statuses=UNFINISHED))
    alive = [record for record in runs if _age(record) < GRACE]
    for record in runs:
        if record not in alive:
            reason = "The process of this run is gone: it holds no lock. The next run goes on."
            instance.report_run_failed(record.dagster_run, reason)
    return f"run {alive[0].dagster_run.run_id[:8]} is under way" if alive else ""


def _age(record: dg.RunRecord) -> timedelta:
    return datetime.now(UTC) - record.create_timestamp
