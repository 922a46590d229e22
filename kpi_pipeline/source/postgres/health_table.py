"""Checks of the source's table."""

from collections.abc import Iterator

from psycopg.errors import InsufficientPrivilege
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from kpi_pipeline.model.errors import SourceError
from kpi_pipeline.model.finding import Finding, fine, problem, warning
from kpi_pipeline.source.postgres.catalog import WHOLE_NUMBERS, read_table
from kpi_pipeline.source.postgres.health_visit import Visit
from kpi_pipeline.source.postgres.index import create_index
from kpi_pipeline.source.postgres.names import quoted
from kpi_pipeline.source.postgres.undated import count_undated

READABLE_SQL = text("SELECT has_table_privilege(to_regclass(:table), 'SELECT')")


def fits(visit: Visit) -> Iterator[Finding]:
    """The table is there, may be read, and has the declared columns."""
    subject, declared = "source table", visit.spec.source.table
    try:
        read_table(visit.connection, visit.spec)
    except SourceError as error:
        yield problem(subject, str(error), _mended(visit))
    except ProgrammingError as error:
        if not isinstance(error.orig, InsufficientPrivilege):
            raise
        schema = quoted(declared.split(".")[0])
        what = f"this role may not look into the schema of {declared}"
        yield problem(subject, what, f"GRANT USAGE ON SCHEMA {schema} TO {visit.role()};")
    else:
        yield fine(subject, f"{declared} has every declared column")


def _mended(visit: Visit) -> str:
    readable = visit.connection.execute(READABLE_SQL, {"table": visit.name}).scalar()
    if readable is False:
        return f"GRANT SELECT ON {visit.name} TO {visit.role()};"
    return "Mend the declaration, or the table; `kpi-pipeline check --connect` looks again."


def indexed_by_time(visit: Visit) -> Iterator[Finding]:
    """An index on event time, without which each look reads the whole table."""
    table, time = visit.table(), visit.spec.source.event_time
    if table is None or not table.has_horizon:
        return
    subject = "source index"
    if time in table.indexed:
        yield fine(subject, f"{time} has an index")
        return
    what = f"no index on {time}, so every look reads the whole table"
    yield warning(subject, what, create_index(visit.spec, table, time))


def indexed_key(visit: Visit) -> Iterator[Finding]:
    """An indexed whole-number key, without which the guarantee is bounded."""
    table, key = visit.table(), visit.spec.source.key
    if table is None or not table.has_horizon:
        return
    subject = "source key"
    if key is not None and table.has_sequence_key(key):
        yield fine(subject, f"{key} is an indexed whole number")
        return
    late = "rows dated more than the lookback before their transaction are missed"
    if key is not None and table.columns[key] in WHOLE_NUMBERS and table.kind in {"r", "p"}:
        what = f"no index on the key {key}: {late}"
        yield warning(subject, what, create_index(visit.spec, table, key))
        return
    known = sorted(column for column in table.columns if table.has_sequence_key(column))
    named = f"such as `key: {known[0]}`" if known else "once the table has one"
    remedy = f"Name an indexed whole number that grows as source.key, {named}."
    yield warning(subject, f"no indexed whole-number key: {late}", remedy)


def tells_who_wrote(visit: Visit) -> Iterator[Finding]:
    """A table, whose rows tell the transaction that wrote them."""
    table = visit.table()
    if table is None or table.has_horizon:
        return
    what = "a view or foreign table: changes older than the lookback are not seen"
    yield warning("source kind", what, "Name the table itself as source.table, if you can.")


def undated(visit: Visit) -> Iterator[Finding]:
    """Rows that no window can hold; counted only where an index finds them."""
    table, time = visit.table(), visit.spec.source.event_time
    if table is None or time not in table.indexed:
        return
    found = count_undated(visit.connection, visit.spec)
    if not found:
        yield fine("source event times", "every row has one")
        return
    what = f"{found:,} rows have no event time, or one beyond the year 9999; no KPI counts them"
    where = f"{quoted(time)} IS NULL OR {quoted(time)} >= '9999-12-30'"
    yield warning("source event times", what, f"Give them one; they are those WHERE {where}.")
