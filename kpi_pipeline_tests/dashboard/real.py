"""A dashboard over real databases, of which one can be taken away."""

from collections.abc import Iterator
from contextlib import closing, contextmanager

import psycopg

from kpi_pipeline.assembly import open_bell, open_board
from kpi_pipeline.embedded.cluster import Cluster
from kpi_pipeline_tests.conftest import fresh_database, fresh_state
from kpi_pipeline_tests.dashboard.running import Running, serving
from kpi_pipeline_tests.sales import DECLARATION, Sales


class Shop:
    """A shop, its dashboard, and a state database that can be taken away."""

    def __init__(self, sales: Sales, running: Running, postgres: Cluster) -> None:
        self.sales = sales
        self.running = running
        self.dsn = postgres.dsn("postgres")
        self.name = sales.state_url.partition("?")[0].rpartition("/")[2]

    def away(self) -> None:
        """Let no connection to the state database be made, and cut those that are."""
        self._allow("false")
        self._run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s")

    def back(self) -> None:
        """Let it be reached again."""
        self._allow("true")

    def _allow(self, word: str) -> None:
        self._run(f'ALTER DATABASE "{self.name}" ALLOW_CONNECTIONS {word}')

    def _run(self, statement: str) -> None:
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            connection.execute(statement, [self.name] if "%s" in statement else None)


@contextmanager
def open_shop(postgres: Cluster) -> Iterator[Shop]:
    """Two sales, folded and served."""
    with fresh_database(postgres) as source, fresh_state(postgres) as state:
        declaration = DECLARATION.replace("notify: [slack]", "notify: [log]")
        sales = Sales(source, state, declaration).open()
        sales.sell(18)
        sales.sell(7, kind="=1+1")
        sales.advance()
        with (
            closing(open_board(sales.spec, sales.settings)) as board,
            serving([board], open_bell(sales.settings)) as running,
        ):
            yield Shop(sales, running, postgres)
        sales.close()
