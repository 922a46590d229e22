"""A PostgreSQL of our own in a scratch folder: default durability, default memory."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from shutil import rmtree

import psycopg
from psycopg import sql

from kpi_pipeline.embedded.cluster import Cluster, close_cluster, open_cluster


@dataclass(frozen=True, slots=True)
class Server:
    """One server; databases are made in it at will, and go with it."""

    cluster: Cluster
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    @contextmanager
    def database(self, template: str | None = None) -> Iterator[str]:
        """The name of a new database, empty or a copy; dropped at the end."""
        name = f"bench_{next(self.numbers)}"
        copied = sql.SQL(" TEMPLATE {}").format(sql.Identifier(template or ""))
        made = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
        self._run(made + copied if template else made)
        try:
            yield name
        finally:
            self._run(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def dsn(self, database: str) -> str:
        """As libpq takes it."""
        return self.cluster.dsn(database)

    def url(self, database: str) -> str:
        """As the settings of the package take it."""
        return self.cluster.url(database)

    def version(self) -> str:
        """PostgreSQL's own words."""
        with psycopg.connect(self.dsn("postgres")) as connection:
            row = connection.execute("SHOW server_version").fetchone()
        return str(row[0]) if row else "unknown"

    def _run(self, statement: sql.Composed) -> None:
        with psycopg.connect(self.dsn("postgres"), autocommit=True) as connection:
            connection.execute(statement)


@contextmanager
def serve(folder: Path | None = None) -> Iterator[Server]:
    """A server in a new folder below `folder`; stopped and removed at the end."""
    home = Path(tempfile.mkdtemp(prefix="kpi-bench-", dir=folder))
    home.chmod(0o755)  # started by root, PostgreSQL runs as another user
    try:
        yield Server(open_cluster(home))
    finally:
        close_cluster(home)
        rmtree(home, ignore_errors=True)
