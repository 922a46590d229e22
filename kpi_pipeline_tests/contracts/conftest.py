"""The same shop on every kind of source; one that is not installed is skipped by name."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from kpi_pipeline.embedded.cluster import Cluster
from kpi_pipeline_tests.conftest import fresh_database, fresh_state
from kpi_pipeline_tests.contracts import mariadb as mariadb_server
from kpi_pipeline_tests.contracts.shops import (
    MARIADB_TABLE,
    SQLITE_TABLE,
    OtherSales,
    SqliteSales,
    ViewSales,
    declaration,
)
from kpi_pipeline_tests.sales import DECLARATION, Sales

OPEN = ("sqlite", "mariadb")
"""Kinds that hold wall times."""
_numbers = count(1)

Opened = Callable[..., OtherSales]


@pytest.fixture(scope="session")
def mariadb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A MariaDB server; a URL with `{user}` and `{database}` to fill in."""
    if not mariadb_server.installed():
        message = (
            "MariaDB group skipped: no mariadbd here; on Debian: apt-get install mariadb-server"
        )
        if os.environ.get("KPI_ALLOW_NO_SKIP"):
            pytest.fail(message)
        pytest.skip(message)
    with mariadb_server.server(tmp_path_factory.mktemp("mariadb")) as url:
        yield url


@pytest.fixture
def opened(request: pytest.FixtureRequest, postgres: Cluster, tmp_path: Path) -> Iterator[Opened]:
    """Open an empty shop of a kind, whose clock shows the time of a zone."""
    with opening(request, postgres, tmp_path) as open_shop:
        yield open_shop


@contextmanager
def opening(request: pytest.FixtureRequest, postgres: Cluster, folder: Path) -> Iterator[Opened]:
    """What opens shops of any kind, and closes them at the end."""
    with ExitStack() as stack:

        def open_shop(kind: str, zone: str = "UTC") -> OtherSales:
            state = stack.enter_context(fresh_state(postgres))
            if kind == "sqlite":
                url = f"sqlite:///{folder / f'shop{next(_numbers)}.db'}"
                shop: OtherSales = SqliteSales(
                    url, state, declaration(zone), {}, zone, SQLITE_TABLE
                )
            else:
                url = fresh_mariadb(request.getfixturevalue("mariadb"))
                shop = OtherSales(url, state, declaration(zone), {}, zone, MARIADB_TABLE)
            stack.callback(shop.close)
            return shop.open()

        yield open_shop


@pytest.fixture(params=OPEN)
def other(request: pytest.FixtureRequest, opened: Opened) -> OtherSales:
    """An empty shop on each database that is not PostgreSQL."""
    return opened(request.param)


@pytest.fixture(params=["postgres", "postgres view", *OPEN])
def shop(request: pytest.FixtureRequest, postgres: Cluster, opened: Opened) -> Iterator[Sales]:
    """An empty shop on each kind of source."""
    if request.param in OPEN:
        yield opened(request.param)
        return
    with fresh_database(postgres) as source, fresh_state(postgres) as state:
        shop = Sales(source, state)
        if request.param == "postgres view":
            shop = ViewSales(source, state, DECLARATION.replace("public.transactions", "seen"))
        yield shop.open()
        shop.close()


def fresh_mariadb(server: str) -> str:
    """The URL of a new, empty database."""
    name = f"shop_{next(_numbers)}"
    engine = create_engine(server.format(user="root", database="").replace(":", "+pymysql:", 1))
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} CHARACTER SET utf8mb4"))
    engine.dispose()
    return server.format(user="root", database=name)
