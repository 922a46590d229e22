"""What a check of the state database has at hand."""

from dataclasses import dataclass

from sqlalchemy import Connection

from kpi_pipeline.store.migrate import Schema, standing


@dataclass(frozen=True, slots=True)
class Visit:
    """One check's own connection, each statement a transaction of its own.

    Attributes:
        name: Of the pipeline.
    """

    connection: Connection
    name: str

    def has_tables(self) -> bool:
        """Whether the tables are this release's; of others another check tells."""
        return standing(self.connection) is Schema.CURRENT
