"""A server on the network and its standby; a shop whose state nobody has begun."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from kpi_pipeline.embedded.cluster import Cluster
from kpi_pipeline_tests.conftest import fresh_database
from kpi_pipeline_tests.doctor.server import Server, network_address, network_server, standby_of
from kpi_pipeline_tests.sales import TABLE, Sales


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with the shop's table in it."""
    folder: Path = tmp_path_factory.mktemp("server") / "data"
    with network_server(folder) as running:
        engine = create_engine(running.url("127.0.0.1"))
        with engine.begin() as connection:
            connection.execute(text(TABLE))
        engine.dispose()
        yield running


@pytest.fixture(scope="module")
def standby(server: Server) -> Iterator[Server]:
    """Its hot standby."""
    with standby_of(server, server.programs.data.with_name("standby")) as running:
        yield running


@pytest.fixture
def shop(server: Server) -> Sales:
    """The shop on that server; its state would live there too."""
    return Sales(server.url("127.0.0.1"), server.url("127.0.0.1"))


@pytest.fixture
def address() -> str:
    """An address of this machine that is not loopback."""
    found = network_address()
    if found is None:
        pytest.skip("this machine has no address but loopback")
    return found


@pytest.fixture
def sales(postgres: Cluster) -> Iterator[Sales]:
    """An empty shop, and a state database that nothing was made in yet."""
    with fresh_database(postgres) as source, fresh_database(postgres) as state:
        shop = Sales(source, state).open()
        yield shop
        shop.close()
