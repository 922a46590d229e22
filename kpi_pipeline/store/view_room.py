"""Room for a release's new tables: a view of ours may have had the name of one of them for long."""

from sqlalchemy import Connection, text

from kpi_pipeline.compute.explain import quoted
from kpi_pipeline.store.schema import metadata
from kpi_pipeline.store.view_catalog import MARK
from kpi_pipeline.store.view_names import marked

VIEWS_SQL = text("""
SELECT c.relname AS name, obj_description(c.oid, 'pg_class') AS said
FROM pg_class c WHERE c.relnamespace = to_regnamespace('kpi') AND c.relkind = 'v'
""")


def make_room(connection: Connection) -> None:
    """Rename views of ours that are called like a table or an index of this release.

    They get the name that they would have had beside the table. Whoever may read one still may.
    """
    tables = metadata.tables.values()
    taken = {table.name for table in tables} | {i.name for table in tables for i in table.indexes}
    for row in connection.execute(VIEWS_SQL).all():
        ours = MARK.fullmatch(row.said or "")
        if ours and row.name in taken:
            name = marked(row.name, f"{ours[1]}/{ours[2]}")
            rename = f"ALTER VIEW kpi.{quoted(row.name)} RENAME TO {quoted(name)}"
            connection.execute(text(rename))
