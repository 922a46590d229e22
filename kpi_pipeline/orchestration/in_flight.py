"""Is a run of this pipeline under way? What Dagster believes, held against the database's lock."""

from datetime import UTC, datetime, timedelta

import dagster as dg
from dagster import DagsterRunStatus, RunsFilter

from kpi_pipeline.ports.store import Store

WAITING = (DagsterRunStatus.QUEUED, DagsterRunStatus.NOT_STARTED)
LAUNCHED = (DagsterRunStatus.STARTING, DagsterRunStatus.STARTED, DagsterRunStatus.CANCELING)
FOLDING = "a run is folding right now"
GRACE = timedelta(minutes=5)
"""For what a run does outside the lock: its start, and sending messages at its end."""


def run_in_flight(
    instance: dg.DagsterInstance, job_name: str, store: Store, budget: timedelta
) -> str:
    """Why no run should be requested now; '' if one may.

    After a `kill -9` Dagster goes on believing in a run that nobody executes. The lock tells: the
    database dropped it with the process. A launched run that is older than it may become, while
    nobody holds the lock, is marked as failed, so that people see it. One that still waits in a
    queue is left to whoever queued it.

    Args:
        instance: Dagster's storage of runs.
        job_name: Of the pipeline.
        store: Whose lock is looked at.
        budget: How long a run may fold.
    """
    if store.busy():
        return FOLDING
    statuses = [*WAITING, *LAUNCHED]
    runs = instance.get_run_records(RunsFilter(job_name=job_name, statuses=statuses))
    dead = [record for record in runs if _is_dead(record, GRACE + budget)]
    for record in dead:
        reason = "The process of this run is gone: it holds no lock. The next run goes on."
        instance.report_run_failed(record.dagster_run, reason)
    alive = [record.dagster_run.run_id for record in runs if record not in dead]
    return f"run {alive[0][:8]} is under way" if alive else ""


def _is_dead(record: dg.RunRecord, oldest: timedelta) -> bool:
    age = datetime.now(UTC) - record.create_timestamp
    return record.dagster_run.status in LAUNCHED and age > oldest
