"""The bell: tells of commits by LISTEN, so that nobody has to poll."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from kpi_pipeline.store.engine import plain_errors, state_engine

LISTEN = "LISTEN kpi"
NAMES = "SELECT id::text, name FROM kpi.pipeline"
PATIENCE = 0.02
"""Seconds in which commits that follow each other ring once."""


class PostgresBell:
    """See the `Bell` port; a connection of its own for each call of `rings`.

    Needs a session of its own: a pooler in transaction mode hears nothing.
    """

    def __init__(self, url: str) -> None:
        self.engine = state_engine(url)

    def rings(self, patience: float) -> Iterator[frozenset[str]]:
        """The pipelines of which something was committed since the last ring.

        Raises:
            StateError: The connection is lost; call again to try anew.
        """
        with self._connected() as connection:
            with plain_errors():
                connection.execute(LISTEN)
                names = _names(connection)
            yield frozenset()
            while True:
                with plain_errors():
                    heard = _heard(connection, patience)
                    if not heard <= names.keys():
                        names = _names(connection)
                yield frozenset(names[id_] for id_ in heard if id_ in names)

    @contextmanager
    def _connected(self) -> Iterator[psycopg.Connection]:
        """Not of the engine's pool, which would hand a listening connection to somebody else."""
        with plain_errors():
            pooled = self.engine.raw_connection()
            connection: Any = pooled.driver_connection
            pooled.detach()
        try:
            with plain_errors():
                connection.autocommit = True
            yield connection
        finally:
            connection.close()


def _names(connection: psycopg.Connection) -> dict[str, str]:
    return dict(connection.execute(NAMES).fetchall())


def _heard(connection: psycopg.Connection, patience: float) -> frozenset[str]:
    """Ids of pipelines; what is said while it answers another question is not lost either."""
    found = {said.payload for said in connection.notifies(timeout=patience, stop_after=1)}
    if found:
        found |= {said.payload for said in connection.notifies(timeout=PATIENCE)}
    return frozenset(found)
