"""Looking a shop over, and running what a finding says."""

import time
from collections.abc import Callable, Iterable
from datetime import timedelta

import psycopg
from sqlalchemy.engine import make_url

from kpi_pipeline.model.finding import Finding, Severity
from kpi_pipeline.source.postgres.health import PATIENCE, PostgresCheckup
from kpi_pipeline.store.health import StateCheckup
from kpi_pipeline_tests.sales import Sales


def look(sales: Sales, url: str | None = None, patience: timedelta = PATIENCE) -> list[Finding]:
    """What a checkup of the source finds."""
    checkup = PostgresCheckup(sales.spec, url or sales.source_url, patience)
    try:
        return list(checkup.examine())
    finally:
        checkup.close()


def look_at_state(sales: Sales, url: str | None = None) -> list[Finding]:
    """What a checkup of the state database finds."""
    checkup = StateCheckup(sales.spec.name, url or sales.state_url)
    try:
        return list(checkup.examine())
    finally:
        checkup.close()


def bad(findings: Iterable[Finding]) -> dict[str, Finding]:
    """Warnings and problems by subject."""
    return {found.subject: found for found in findings if found.level is not Severity.OK}


def mend(finding: Finding, url: str) -> None:
    """Run the remedy as printed, statement by statement as psql sends it, as a superuser."""
    with psycopg.connect(dsn(url), autocommit=True) as connection:
        for statement in finding.remedy.splitlines():
            assert statement.endswith(";")
            connection.execute(statement.encode())


def eventually(holds: Callable[[], bool]) -> bool:
    """Whether it holds within some seconds: a server takes signals when it comes to them."""
    deadline = time.monotonic() + 10
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.05)
    return holds()


def dsn(url: str) -> str:
    """The same as libpq takes it."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def as_role(url: str, role: str) -> str:
    """The same database for another role."""
    return url.replace("postgres@", f"{role}@")
