"""Checks of the role that reads the source: enough rights, and no more."""

from collections.abc import Iterator

from sqlalchemy import text

from kpi_pipeline.model.finding import Finding, fine, warning
from kpi_pipeline.source.postgres.health_visit import Visit
from kpi_pipeline.source.postgres.names import quoted

READER = "kpi_reader"
STATS_SQL = text("SELECT pg_has_role(current_user, 'pg_read_all_stats', 'USAGE')")
SUPER_SQL = text("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
WRITES_SQL = text("""
SELECT has_table_privilege(to_regclass(:table), 'INSERT, UPDATE, DELETE, TRUNCATE')
""")
GRANTS_SQL = text("""
SELECT CASE a.grantee WHEN 0 THEN NULL ELSE pg_get_userbyid(a.grantee) END AS grantee,
       string_agg(a.privilege_type, ', ' ORDER BY a.privilege_type) AS rights
FROM pg_class c, aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) a
WHERE c.oid = to_regclass(:table)
  AND a.privilege_type IN ('INSERT', 'UPDATE', 'DELETE', 'TRUNCATE')
  AND CASE a.grantee WHEN 0 THEN true ELSE pg_has_role(current_user, a.grantee, 'USAGE') END
GROUP BY 1 ORDER BY 1 NULLS FIRST
""")


def sees_activity(visit: Visit) -> Iterator[Finding]:
    """The right to see when others' transactions began, which `exact` rests on."""
    subject = "source activity"
    if visit.connection.execute(STATS_SQL).scalar():
        yield fine(subject, "this role sees when others' transactions began")
        return
    what = "this role cannot see when others' transactions began, so the guarantee is bounded"
    yield warning(subject, what, f"GRANT pg_read_all_stats TO {visit.role()};")


def superuser(visit: Visit) -> Iterator[Finding]:
    """No superuser: whoever reads the URL could do anything."""
    if not visit.connection.execute(SUPER_SQL).scalar():
        yield fine("source role", f"{visit.role()} is no superuser")
        return
    yield warning(
        "source role",
        f"{visit.role()} is a superuser, and SELECT is all it needs: make a role like this, "
        "give it a password, and name it in KPI_SOURCE_URL",
        f"CREATE ROLE {READER} LOGIN;\n{_schema(visit)}"
        f"GRANT SELECT ON {visit.name} TO {READER};\n"
        f"GRANT pg_read_all_stats TO {READER};",
    )


def _schema(visit: Visit) -> str:
    schema, dot, _ = visit.spec.source.table.partition(".")
    private = dot and schema != "public"
    return f"GRANT USAGE ON SCHEMA {quoted(schema)} TO {READER};\n" if private else ""


def only_reads(visit: Visit) -> Iterator[Finding]:
    """No right to write; of a superuser another check tells."""
    wanted = {"table": visit.name}
    if visit.table() is None or visit.connection.execute(SUPER_SQL).scalar():
        return
    if not visit.connection.execute(WRITES_SQL, wanted).scalar():
        yield fine("source rights", "this role reads only")
        return
    grants = visit.connection.execute(GRANTS_SQL, wanted).all()
    revoked = [
        f"REVOKE {grant.rights} ON {visit.name} FROM "
        f"{'PUBLIC' if grant.grantee is None else quoted(grant.grantee)};"
        for grant in grants
    ]
    everything = f"REVOKE pg_write_all_data FROM {visit.role()};"
    what = "this role may also write to the table; SELECT is all it needs"
    yield warning("source rights", what, "\n".join(revoked or [everything]))
