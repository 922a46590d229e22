"""Clusters of a test's own."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kpi_pipeline.embedded.cluster import close_cluster
from kpi_pipeline_tests.embedded.processes import UserProcess


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A folder for a cluster of the test's own, stopped at its end."""
    folder = tmp_path / "home"
    yield folder
    close_cluster(folder)


@pytest.fixture
def start_user() -> Iterator[Callable[[Path], UserProcess]]:
    """Starts user processes, and kills what is left of them."""
    users: list[UserProcess] = []

    def start(home: Path) -> UserProcess:
        users.append(UserProcess(home))
        return users[-1]

    yield start
    for user in users:
        user.kill()
