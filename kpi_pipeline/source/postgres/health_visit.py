"""What a check of the source has at hand."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection, text
from sqlalchemy.exc import ProgrammingError

from kpi_pipeline.model.errors import SourceError
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.source.postgres.catalog import Table, read_table
from kpi_pipeline.source.postgres.names import quoted, quoted_table

ROLE_SQL = text("SELECT current_user")


@dataclass(frozen=True, slots=True)
class Visit:
    """One check's own careful connection.

    Attributes:
        patience: How long a transaction may hold the horizon back.
    """

    connection: Connection
    spec: PipelineSpec
    patience: timedelta

    @property
    def name(self) -> str:
        """The table, quoted for SQL."""
        return quoted_table(self.spec.source.table)

    def role(self) -> str:
        """This role, quoted for SQL."""
        return quoted(str(self.connection.execute(ROLE_SQL).scalar()))

    def table(self) -> Table | None:
        """The table; None where it does not fit, which is another check's finding."""
        try:
            return read_table(self.connection, self.spec)
        except (SourceError, ProgrammingError):  # the latter: no way into its schema
            return None
