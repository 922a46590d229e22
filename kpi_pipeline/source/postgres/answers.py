"""Answers to a statement that a person could have pasted: read-only, one snapshot."""

from collections.abc import Sequence

from sqlalchemy import text

from kpi_pipeline.source.postgres.connection import connect_engine, reading
from kpi_pipeline.source.postgres.names import inline


class PostgresAnswers:
    """Runs whole statements against the source; keeps no connection."""

    def __init__(self, url: str, name: str) -> None:
        self.engine = connect_engine(url, name)

    def ask(self, sql: str) -> Sequence[Sequence[object]]:
        """The rows of one SELECT without bind parameters."""
        try:
            with reading(self.engine, one_snapshot=True) as connection:
                return [tuple(row) for row in connection.execute(text(inline(sql)))]
        finally:
            self.engine.dispose()
