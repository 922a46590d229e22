"""What the figures share: the server, the table, caught-up states, a bar."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Self

import psycopg

from benchmarks import data
from benchmarks.baselines.naive import FIRSTS_SQL, Firsts
from benchmarks.ours import Ours
from benchmarks.progress import Bar
from benchmarks.server import Server
from benchmarks.sizes import Size

GAP = timedelta(minutes=15)
"""The table ends this long before the run: `tick` fills it, each tick in a minute of its own."""


class Bench:
    """One run of the benchmarks; whatever it made goes with it."""

    def __init__(self, *, server: Server, size: Size, bar: Bar, began: datetime) -> None:
        self.server = server
        self.size = size
        self.bar = bar
        self.began = began
        self._made = ExitStack()
        self._caught_up: dict[tuple[str, str], str] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._made.close()

    @property
    def folder(self) -> Path:
        """A scratch folder."""
        return self.server.cluster.home

    @cached_property
    def source(self) -> str:
        """The database that holds the table, with all of its rows."""
        return self.table(self.size.rows)

    @cached_property
    def tenth(self) -> str:
        """One with a tenth of the rows."""
        return self.table(self.size.rows // 10)

    @cached_property
    def firsts(self) -> Firsts:
        """When each user of the source came first."""
        with self.connect() as connection:
            connection.execute("SET work_mem = '256MB'")
            return [(at, int(user)) for at, user in connection.execute(FIRSTS_SQL).fetchall()]

    def table(self, rows: int) -> str:
        """A database with a table of so many rows over the same days; kept until the end."""
        return self.made(
            f"{rows:,} rows",
            rows,
            lambda dsn, told: data.create(dsn, rows, self.began - GAP, told),
        )

    def made(
        self, what: str, total: int, make: Callable[[str, Callable[[float], None]], None]
    ) -> str:
        """A database that a function fills, with a bar; kept until the end."""
        name = self._made.enter_context(self.server.database())
        with self.bar.work(what, total) as told:
            make(self.server.dsn(name), told)
        return name

    @contextmanager
    def fresh(self, declaration: str, source: str | None = None) -> Iterator[Ours]:
        """A pipeline that has not folded anything yet."""
        with (
            self.server.database() as state,
            closing(self._open(declaration, source or self.source, state)) as pipeline,
        ):
            yield pipeline

    @contextmanager
    def ours(self, declaration: str, source: str | None = None) -> Iterator[Ours]:
        """A pipeline that has folded what there was; a copy, so that each figure has its own."""
        source = source or self.source
        with (
            self.server.database(template=self.caught_up(declaration, source)) as state,
            closing(self._open(declaration, source, state)) as pipeline,
        ):
            yield pipeline

    def caught_up(self, declaration: str, source: str) -> str:
        """A state that has folded a source; made once."""
        key = (declaration, source)
        if key not in self._caught_up:
            state = self._made.enter_context(self.server.database())
            with (
                self.bar.work(f"catching up {declaration}", 1),
                closing(self._open(declaration, source, state)) as pipeline,
            ):
                pipeline.advance()
            with psycopg.connect(self.server.dsn(state), autocommit=True) as connection:
                connection.execute("VACUUM (ANALYZE)")
            self._caught_up[key] = state
        return self._caught_up[key]

    def connect(self, database: str | None = None) -> psycopg.Connection:
        """A connection that commits each statement."""
        return psycopg.connect(self.server.dsn(database or self.source), autocommit=True)

    def _open(self, declaration: str, source: str, state: str) -> Ours:
        return Ours(declaration, self.server.url(source), self.server.url(state))
