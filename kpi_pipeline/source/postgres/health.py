"""A checkup of a PostgreSQL source; one more check is one more function in `CHECKS`."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from sqlalchemy import text

from kpi_pipeline.model.errors import SourceError
from kpi_pipeline.model.finding import Finding, fine, problem, warning
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.source.postgres import health_role, health_server, health_table
from kpi_pipeline.source.postgres.connection import connect_engine, reading
from kpi_pipeline.source.postgres.health_visit import Visit

PATIENCE = timedelta(minutes=10)
"""How long a transaction may hold the horizon back before it is worth a word."""
NOW_SQL = text("SELECT clock_timestamp()")
Check = Callable[[Visit], Iterable[Finding]]
CHECKS: dict[str, Check] = {
    "version": health_server.version,
    "encryption": health_server.encrypted,
    "table": health_table.fits,
    "index": health_table.indexed_by_time,
    "key": health_table.indexed_key,
    "kind": health_table.tells_who_wrote,
    "undated": health_table.undated,
    "standby": health_server.primary,
    "activity": health_role.sees_activity,
    "tracking": health_server.tracks_activities,
    "superuser": health_role.superuser,
    "rights": health_role.only_reads,
    "writers": health_server.old_writers,
    "prepared": health_server.old_prepared,
}


class PostgresCheckup:
    """Looks over the source of one pipeline; reads only."""

    def __init__(self, spec: PipelineSpec, url: str, patience: timedelta = PATIENCE) -> None:
        self.spec = spec
        self.patience = patience
        self.engine = connect_engine(url, spec.name)

    def examine(self) -> tuple[Finding, ...]:
        """Every check's findings; a database that is away is the only one."""
        try:
            self.now()
        except SourceError as error:
            remedy = "Start the database, or mend KPI_SOURCE_URL; see what it says above."
            return (problem("source", str(error), remedy),)
        found = [finding for name, check in CHECKS.items() for finding in self._run(name, check)]
        return (fine("source", "reachable"), *found)

    def _run(self, name: str, check: Check) -> list[Finding]:
        try:
            with reading(self.engine, one_snapshot=False) as connection:
                return list(check(Visit(connection, self.spec, self.patience)))
        except SourceError as error:
            remedy = "See what the database says, and look again."
            return [warning(f"source {name}", f"could not be checked: {error}", remedy)]

    def now(self) -> datetime:
        """The source's clock."""
        with reading(self.engine, one_snapshot=False) as connection:
            now: datetime = connection.execute(NOW_SQL).scalar_one()
        return now

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()
