"""A checkup of the state database; one more check is one more function in `CHECKS`."""

from collections.abc import Callable, Iterable
from datetime import datetime

from sqlalchemy import text

from kpi_pipeline.model.errors import StateError
from kpi_pipeline.model.finding import Finding, fine, problem, warning
from kpi_pipeline.store import health_pipeline, health_server
from kpi_pipeline.store.engine import plain_errors, state_engine
from kpi_pipeline.store.health_visit import Visit

NOW_SQL = text("SELECT clock_timestamp()")
Check = Callable[[Visit], Iterable[Finding]]
CHECKS: dict[str, Check] = {
    "version": health_server.version,
    "encryption": health_server.encrypted,
    "writable": health_server.writable,
    "tables": health_server.migrated,
    "sessions": health_server.own_session,
    "lock": health_pipeline.lock,
    "backlog": health_pipeline.backlog,
    "waiting messages": health_pipeline.waiting,
    "dead messages": health_pipeline.dead,
}


class StateCheckup:
    """Looks over the state database of one pipeline; makes and changes nothing."""

    def __init__(self, name: str, url: str) -> None:
        self.name = name
        self.engine = state_engine(url)

    def examine(self) -> tuple[Finding, ...]:
        """Every check's findings; a database that is away is the only one."""
        try:
            self.now()
        except StateError as error:
            remedy = "Start the database, or mend KPI_STATE_URL; see what it says above."
            return (problem("state", str(error), remedy),)
        found = [finding for name, check in CHECKS.items() for finding in self._run(name, check)]
        return (fine("state", "reachable"), *found)

    def _run(self, name: str, check: Check) -> list[Finding]:
        try:
            with plain_errors(), self.engine.connect() as plain:
                connection = plain.execution_options(isolation_level="AUTOCOMMIT")
                return list(check(Visit(connection, self.name)))
        except StateError as error:
            remedy = "See what the database says, and look again."
            return [warning(f"state {name}", f"could not be checked: {error}", remedy)]

    def now(self) -> datetime:
        """The state database's clock."""
        with plain_errors(), self.engine.connect() as connection:
            now: datetime = connection.execute(NOW_SQL).scalar_one()
        return now

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()
