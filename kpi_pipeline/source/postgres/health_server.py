"""Checks of the source's server: what it is, and who holds its horizon back."""

from collections.abc import Iterator

from sqlalchemy import text

from kpi_pipeline.compute.explain import literal
from kpi_pipeline.compute.numbers import format_age
from kpi_pipeline.compute.vitals import encryption, server_version
from kpi_pipeline.model.finding import Finding, fine, warning
from kpi_pipeline.source.postgres.health_visit import Visit
from kpi_pipeline.source.postgres.names import quoted

VERSION_SQL = text("SELECT current_setting('server_version_num')::int")
CONNECTION_SQL = text("""
SELECT coalesce((SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), false) AS encrypted,
       host(inet_server_addr()) AS server
""")
STANDBY_SQL = text("SELECT pg_is_in_recovery()")
TRACKING_SQL = text("""
SELECT setting = 'on' AS tracked, source, current_database() AS database
FROM pg_settings WHERE name = 'track_activities'
""")
SEES_WRITERS_SQL = text("""
SELECT pg_has_role(current_user, 'pg_read_all_stats', 'USAGE') AND NOT pg_is_in_recovery()
       AND current_setting('track_activities')::boolean
""")
WRITERS_SQL = text("""
SELECT pid, application_name, datname, clock_timestamp() - xact_start AS age
FROM pg_stat_activity
WHERE backend_xid IS NOT NULL AND pid <> pg_backend_pid()
  AND xact_start <= clock_timestamp() - CAST(:patience AS interval)
ORDER BY xact_start LIMIT 3
""")
PREPARED_SQL = text("""
SELECT gid, database, owner, clock_timestamp() - prepared AS age
FROM pg_prepared_xacts
WHERE prepared <= clock_timestamp() - CAST(:patience AS interval)
ORDER BY prepared LIMIT 3
""")
HOLDS = "holds the horizon back, so each look reads the same rows again"


def version(visit: Visit) -> Iterator[Finding]:
    """A server that this release knows."""
    yield server_version("source", int(visit.connection.execute(VERSION_SQL).scalar_one()))


def encrypted(visit: Visit) -> Iterator[Finding]:
    """No rows in the clear over a network."""
    row = visit.connection.execute(CONNECTION_SQL).one()
    yield encryption("source", "KPI_SOURCE_URL", row.server, encrypted=row.encrypted)


def primary(visit: Visit) -> Iterator[Finding]:
    """The primary, which alone knows who writes."""
    if visit.connection.execute(STANDBY_SQL).scalar():
        what = "a standby, which does not tell who writes: the guarantee is bounded"
        yield warning("source standby", what, "Name the primary in KPI_SOURCE_URL, if you can.")


def tracks_activities(visit: Visit) -> Iterator[Finding]:
    """`track_activities`, without which nobody sees when a transaction began."""
    row = visit.connection.execute(TRACKING_SQL).one()
    if row.tracked:
        return
    role, database = visit.role(), quoted(row.database)
    remedy = {
        "database": f"ALTER DATABASE {database} RESET track_activities;",
        "user": f"ALTER ROLE {role} RESET track_activities;",
        "database user": f"ALTER ROLE {role} IN DATABASE {database} RESET track_activities;",
        "global": "ALTER ROLE ALL RESET track_activities;",
    }.get(row.source, "ALTER SYSTEM SET track_activities = on;\nSELECT pg_reload_conf();")
    what = "track_activities is off: nobody sees when a transaction began, so all is bounded"
    yield warning("source tracking", what, remedy)


def old_writers(visit: Visit) -> Iterator[Finding]:
    """No transaction that writes, and stays open for long, anywhere in the cluster.

    Where they cannot be seen, nothing is said: that is another check's finding.
    """
    if not visit.connection.execute(SEES_WRITERS_SQL).scalar():
        return
    rows = visit.connection.execute(WRITERS_SQL, {"patience": visit.patience}).all()
    for row in rows:
        name = row.application_name or "no application_name"
        what = f"process {row.pid} ({name}, database {row.datname}) has been writing for"
        remedy = f"SELECT pg_terminate_backend({row.pid});"
        yield warning("source writers", f"{what} {format_age(row.age)}: it {HOLDS}", remedy)
    if not rows:
        yield fine("source writers", f"none older than {format_age(visit.patience)}")


def old_prepared(visit: Visit) -> Iterator[Finding]:
    """No forgotten two-phase commit, which outlives even a restart."""
    rows = visit.connection.execute(PREPARED_SQL, {"patience": visit.patience}).all()
    for row in rows:
        what = f"{row.gid!r} of {row.owner} waits prepared for {format_age(row.age)}: it {HOLDS}"
        where = f"in database {row.database} ROLLBACK it, or COMMIT it, as its owner meant"
        remedy = f"ROLLBACK PREPARED {literal(row.gid)};"
        yield warning("source prepared", f"{what}; {where}", remedy)
