"""Views over the state, made with the first fold of a declaration, and kept like it.

Nothing but views of ours is replaced or dropped; where another object has a view's name, ours
ends with a hash. Whatever goes wrong here costs a view, never the fold.

A view reads with its owner's rights, so whoever reads it needs no more than

    GRANT USAGE ON SCHEMA kpi TO grafana;
    GRANT SELECT ON kpi.sales, kpi.sales_total_revenue TO grafana;
"""

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from kpi_pipeline.compute.explain import literal, quoted
from kpi_pipeline.model.errors import first_line
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.store.view_catalog import Catalog, Made, mark_of, read_catalog
from kpi_pipeline.store.view_sql import View, wanted_views

ALONE_SQL = text("SELECT pg_try_advisory_xact_lock(hashtextextended('kpi_pipeline/views', 0))")
PATIENCE_SQL = text("SELECT set_config('lock_timeout', :patience, true)")
OTHER_COLUMNS = "42P16"
SHORT = "500ms"
"""Whoever reads a view holds it; a fold does not wait long for him."""
GRANTS_SQL = text("""
SELECT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END
FROM pg_class c, aclexplode(c.relacl) a
WHERE c.oid = to_regclass(:name) AND a.privilege_type = 'SELECT' AND a.grantee <> c.relowner
""")


def keep_views(connection: Connection, spec: PipelineSpec, id_: int) -> tuple[str, ...]:
    """Make the views what the declaration wants; return a warning for each that is not.

    One statement where nothing has changed. If another pipeline is at it, the next fold will do.
    """
    wanted = {view.metric: view for view in wanted_views(spec, id_)}
    if read_catalog(connection, spec.name).fits(wanted):
        return ()
    if not connection.execute(ALONE_SQL).scalar():
        return ()
    before = connection.execute(text("SHOW lock_timeout")).scalar_one()
    connection.execute(PATIENCE_SQL, {"patience": SHORT})
    warnings = tuple(_renew(connection, read_catalog(connection, spec.name), wanted))
    connection.execute(PATIENCE_SQL, {"patience": before})
    return warnings


def _renew(connection: Connection, catalog: Catalog, wanted: Mapping[str, View]) -> Iterator[str]:
    names = set(catalog.names)
    for old in catalog.superfluous(wanted):
        said = _tried(connection, partial(_drop, connection, old.name))
        if said is None:
            names.discard(old.name)
        else:
            yield f"the view kpi.{old.name} is fed no more and could not be dropped: {said}"
    for view in wanted.values():
        made = catalog.made.get(view.metric)
        if made is not None and made.print == view.print:
            continue
        name = made.name if made else view.name_beside(names)
        names.add(name)
        said = _tried(connection, partial(_make, connection, name, view, made))
        if said is not None:
            state = "keeps its old columns and definition" if made else "is not there"
            yield f"the view kpi.{name} could not be made, and {state}: {said}"


def _tried(connection: Connection, deed: Callable[[], None]) -> str | None:
    """Do it, or say why not and leave all as it was."""
    try:
        with connection.begin_nested():
            deed()
    except DBAPIError as error:
        return first_line(error.orig)
    return None


def _make(connection: Connection, name: str, view: View, made: Made | None) -> None:
    """Make a view, or another of the same name that its readers may read as before."""
    place = f"kpi.{quoted(name)}"
    if made is None or not _replaced(connection, place, view):
        readers = connection.execute(GRANTS_SQL, {"name": place}).scalars().all()
        if made is not None:
            _drop(connection, name)
        _run(connection, f"CREATE VIEW {place} AS {view.sql}")
        for reader in readers:
            _run(connection, f"GRANT SELECT ON {place} TO {reader}")
    _run(connection, f"COMMENT ON VIEW {place} IS {literal(mark_of(view))}")


def _replaced(connection: Connection, place: str, view: View) -> bool:
    """False where the view has other columns now."""
    try:
        with connection.begin_nested():
            _run(connection, f"CREATE OR REPLACE VIEW {place} AS {view.sql}")
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) != OTHER_COLUMNS:
            raise
        return False
    return True


def _drop(connection: Connection, name: str) -> None:
    _run(connection, f"DROP VIEW kpi.{quoted(name)}")


def _run(connection: Connection, sql: str) -> None:
    """Run a text that holds names of columns, in which a colon is no bind parameter."""
    connection.execute(text(sql.replace(":", r"\:")))
