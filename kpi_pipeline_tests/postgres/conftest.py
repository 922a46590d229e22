"""Scratch servers of every supported version, or a skip that names the version; CI allows none."""

import os
from collections.abc import Callable, Iterator

import pytest

from kpi_pipeline.embedded.cluster import Cluster
from kpi_pipeline_tests.conftest import fresh_state
from kpi_pipeline_tests.postgres.binaries import VERSIONS, UnavailableError
from kpi_pipeline_tests.postgres.scratch import Scratch, scratch_server
from kpi_pipeline_tests.sales import Sales

NEWEST = VERSIONS[-1]

Shop = Callable[[Scratch], Sales]


@pytest.fixture(scope="module", params=VERSIONS, ids=lambda version: f"PostgreSQL {version}")
def server(request: pytest.FixtureRequest) -> Iterator[Scratch]:
    """A server of each version in turn, shared by the tests of a file."""
    version: int = request.param
    try:
        with scratch_server(version) as scratch:
            yield scratch
    except UnavailableError as error:
        message = f"PostgreSQL {version} skipped: {error}"
        if os.environ.get("KPI_ALLOW_NO_SKIP"):
            pytest.fail(message)
        pytest.skip(message)


@pytest.fixture(scope="module")
def newest() -> Iterator[Scratch]:
    """A server of the newest version, shared by the tests of a file that do not harm it."""
    with scratch_server(NEWEST) as scratch:
        yield scratch


@pytest.fixture
def scratch() -> Iterator[Scratch]:
    """A server of the newest version that is this test's alone; nothing runs in it by itself."""
    with scratch_server(NEWEST, autovacuum="off") as own:
        yield own


@pytest.fixture
def shop_on(postgres: Cluster) -> Iterator[Shop]:
    """Opens an empty shop on a scratch server; its state lies on the session's server."""
    opened: list[Sales] = []
    with fresh_state(postgres) as state:

        def open_shop(scratch: Scratch) -> Sales:
            name = f"shop_{os.urandom(4).hex()}"
            scratch.run(f"CREATE DATABASE {name}")
            sales = Sales(scratch.cluster.url(name), state).open()
            opened.append(sales)
            return sales

        yield open_shop
        for sales in opened:
            sales.close()
