"""Alembic's entry: runs on the connection that `migrate` opened, in its transaction."""

from alembic import context
from sqlalchemy import Connection

from kpi_pipeline.store.schema import SCHEMA, metadata


def run(connection: Connection) -> None:
    """Run the migrations on an open connection."""
    context.configure(
        connection=connection,
        target_metadata=metadata,
        version_table_schema=SCHEMA,
        include_schemas=True,
    )
    context.run_migrations()


run(context.config.attributes["connection"])
