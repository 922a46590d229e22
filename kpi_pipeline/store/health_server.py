"""Checks of the state database itself: can it be used, and is it reached directly?"""

from collections.abc import Iterator

from sqlalchemy import text

from kpi_pipeline.compute.vitals import encryption, server_version
from kpi_pipeline.model.finding import Finding, fine, problem, warning
from kpi_pipeline.store.health_visit import Visit
from kpi_pipeline.store.migrate import Schema, standing

VERSION_SQL = text("SELECT current_setting('server_version_num')::int")
CONNECTION_SQL = text("""
SELECT coalesce((SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), false) AS encrypted,
       host(inet_server_addr()) AS server
""")
READ_ONLY_SQL = text("""
SELECT pg_is_in_recovery() AS standby, source,
       quote_ident(current_user) AS role, quote_ident(current_database()) AS database,
       current_setting('default_transaction_read_only')::boolean AS read_only
FROM pg_settings WHERE name = 'default_transaction_read_only'
""")
MAY_CREATE_SQL = text("""
SELECT has_database_privilege(current_database(), 'CREATE') AS allowed,
       quote_ident(current_database()) AS database, quote_ident(current_user) AS role
""")
SESSION_SQL = text("SELECT pg_backend_pid()")


def version(visit: Visit) -> Iterator[Finding]:
    """A server that this release knows."""
    yield server_version("state", int(visit.connection.execute(VERSION_SQL).scalar_one()))


def encrypted(visit: Visit) -> Iterator[Finding]:
    """No password in the clear over a network."""
    row = visit.connection.execute(CONNECTION_SQL).one()
    yield encryption("state", "KPI_STATE_URL", row.server, encrypted=row.encrypted)


def writable(visit: Visit) -> Iterator[Finding]:
    """A primary that takes writes."""
    row = visit.connection.execute(READ_ONLY_SQL).one()
    if row.standby:
        what = "a standby takes no writes"
        yield problem("state writes", what, "Name the primary in KPI_STATE_URL.")
    elif row.read_only:
        setting = "default_transaction_read_only"
        remedy = {
            "database": f"ALTER DATABASE {row.database} RESET {setting};",
            "user": f"ALTER ROLE {row.role} RESET {setting};",
            "database user": f"ALTER ROLE {row.role} IN DATABASE {row.database} RESET {setting};",
        }.get(row.source, f"Set {setting} to off, where it was set to on ({row.source}).")
        yield problem("state writes", f"{setting} is on: no run can commit", remedy)


def migrated(visit: Visit) -> Iterator[Finding]:
    """Tables of this release, or the right to make them."""
    subject, found = "state tables", standing(visit.connection)
    if found is Schema.CURRENT:
        yield fine(subject, "of this release")
    elif found is Schema.NEWER:
        remedy = "Upgrade kpi-pipeline, or point KPI_STATE_URL at another database."
        yield problem(subject, "of a newer release than this one", remedy)
    elif found is Schema.OLDER:
        what = "of an older release; the next run brings them up to date"
        yield warning(subject, what, "Run `kpi-pipeline advance`.")
    else:
        yield _absent(visit, subject)


def _absent(visit: Visit, subject: str) -> Finding:
    row = visit.connection.execute(MAY_CREATE_SQL).one()
    if not row.allowed:
        what = "not made yet, and this role may not make them"
        return problem(subject, what, f"GRANT CREATE ON DATABASE {row.database} TO {row.role};")
    what = "not made yet; the first run makes them"
    return warning(subject, what, "Run `kpi-pipeline advance`.")


def own_session(visit: Visit) -> Iterator[Finding]:
    """A session of our own: the lock that keeps two runs apart belongs to one.

    A pooler in transaction mode would give two statements two sessions if somebody else took the
    first in between; so somebody does.
    """
    subject, connection = "state sessions", visit.connection
    before = connection.execute(SESSION_SQL).scalar()
    with connection.engine.connect() as other:
        other.execute(SESSION_SQL)  # begins a transaction, and keeps its session busy
        after = connection.execute(SESSION_SQL).scalar()
    if before == after:
        yield fine(subject, "our own, as the lock needs")
        return
    what = "a pooler changes sessions between statements, so the lock cannot keep two runs apart"
    remedy = "Name the database itself in KPI_STATE_URL, or set the pooler to session mode."
    yield warning(subject, what, remedy)
