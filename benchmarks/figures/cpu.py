"""CPU of one run: a process as Dagster starts it, one with an empty job, and our work alone."""

import resource
import subprocess
import sys
import time
from collections.abc import Callable

import dagster as dg
from dagster._grpc.types import ExecuteRunArgs
from dagster._serdes import serialize_value

from benchmarks.bench import Bench
from benchmarks.dagster_code import snapshot_job
from benchmarks.dagster_empty import empty_job
from benchmarks.dagster_home import ROOT, environment, instance
from benchmarks.outcome import Finding, Line
from benchmarks.stopwatch import Timed, interleaved, medians

TARGET = 3.5
OURS = 0.1
LONGEST = 120
IMPORTS = (
    "import os; from benchmarks.ours import Ours; "
    "Ours('demo', os.environ['KPI_SOURCE_URL'], os.environ['KPI_STATE_URL']).advance()"
)


def measure(bench: Bench) -> Finding:
    """User and system seconds, in turns."""
    with (
        bench.server.database() as storage,
        bench.server.database(template=bench.caught_up("demo", bench.source)) as state,
        environment(bench.server, bench.source, state, storage),
        instance() as dagster,
        bench.ours("demo") as ours,
    ):
        ours.advance()
        methods: dict[str, Timed] = {
            "run": lambda: _run(dagster, snapshot_job),
            "empty run": lambda: _run(dagster, empty_job),
            "command": lambda: _child([sys.executable, "-c", IMPORTS]),
            "advance": lambda: _warm(ours.advance),
        }
        rounds = bench.size.rounds
        with bench.bar.work("in turns", rounds * len(methods)) as told:
            times = interleaved(methods, rounds, lambda: told(1))
    each = medians(times)
    lines = (
        Line(
            what="CPU of one run",
            target=f"{TARGET:g} s",
            measured=f"{each['run']:.2f} s",
            met=each["run"] <= TARGET,
            note=f"an empty job {each['empty run']:.2f} s, so ours with its imports "
            f"{each['run'] - each['empty run']:.2f} s; without Dagster {each['command']:.2f} s",
        ),
        Line(
            what="of it our work, in a warm process",
            target=f"{OURS:g} s",
            measured=f"{each['advance']:.3f} s",
            met=each["advance"] <= OURS,
            note="advance of the demo's KPIs, the client's CPU",
        ),
    )
    return Finding(lines=lines, numbers={"seconds": times})


def _run(dagster: dg.DagsterInstance, job: Callable[[], dg.JobDefinition]) -> float:
    """Start a run's process with the command that Dagster's launchers use."""
    found = dg.reconstructable(job)
    origin = found.get_python_origin()
    run = dagster.create_run_for_job(job_def=job(), job_code_origin=origin)
    arguments = ExecuteRunArgs(
        job_origin=origin,
        run_id=run.run_id,
        instance_ref=dagster.get_ref(),
        set_exit_code_on_failure=True,
    )
    command = [sys.executable, "-m", "dagster", "api", "execute_run", serialize_value(arguments)]
    taken = _child(command)
    ended = dagster.get_run_by_id(run.run_id)
    assert ended is not None, "the run is gone"
    assert ended.is_success, f"the run ended as {ended.status}"
    return taken


def _child(command: list[str]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False, timeout=LONGEST)
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def _warm(work: Callable[[], object]) -> float:
    before = time.process_time()
    work()
    return time.process_time() - before
