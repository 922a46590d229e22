"""A Dagster of our own on the scratch server: its storage, its settings, our pipeline."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg

from benchmarks.server import Server

ROOT = Path(__file__).parents[1]
DECLARED = "KPI_BENCH_DECLARATION"


@contextmanager
def environment(
    server: Server, source: str, state: str, storage: str, declaration: str = "demo"
) -> Iterator[Path]:
    """Settings as a deployment has them, in this process and those that it starts.

    Yields:
        Dagster's home.
    """
    home = server.cluster.home / f"dagster-{storage}"
    home.mkdir()
    shutil.copy(ROOT / "dagster.yaml", home)
    named = {
        "DAGSTER_HOME": str(home),
        "DAGSTER_STORAGE_URL": server.url(storage),
        "KPI_SOURCE_URL": server.url(source),
        "KPI_STATE_URL": server.url(state),
        "KPI_HOME": str(server.cluster.home),
        DECLARED: declaration,
        "PYTHONPATH": str(ROOT),
    }
    before = {name: os.environ.get(name) for name in named}
    os.environ.update(named)
    try:
        yield home
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


@contextmanager
def instance() -> Iterator[dg.DagsterInstance]:
    """Dagster's instance of this environment."""
    with dg.DagsterInstance.get() as found:
        yield found
