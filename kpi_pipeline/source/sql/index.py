"""The index that a table should have on its event time."""

from sqlalchemy import Connection, inspect

from kpi_pipeline.source.sql.catalog import Table


def is_view(connection: Connection, table: Table) -> bool:
    """Whether it is a view, which has no index of its own."""
    return table.name in inspect(connection).get_view_names(table.schema)


def create_index(connection: Connection, table: Table, time: str) -> str:
    """The statement that makes it."""
    quote = connection.dialect.identifier_preparer.quote_identifier
    schema = "" if table.schema is None else f"{quote(table.schema)}."
    index, on = quote(f"{table.name}_{time}_idx"), quote(table.name)
    if connection.dialect.name == "sqlite":  # where the index names the schema, not the table
        return f"CREATE INDEX {schema}{index} ON {on} ({quote(time)});"
    return f"CREATE INDEX {index} ON {schema}{on} ({quote(time)});"
