"""The migrations make what the schema declares, from nothing and from every earlier release."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine

from kpi_pipeline.store.migrate import migrate
from kpi_pipeline.store.schema import metadata


def test_the_migrations_make_the_declared_tables(database: str) -> None:
    engine = create_engine(database)
    migrate(engine)
    migrate(engine)

    with engine.connect() as connection:
        options = {"include_schemas": True, "compare_type": True}
        context = MigrationContext.configure(connection, opts=options)
        differing = compare_metadata(context, metadata)
    engine.dispose()

    own = [item for item in differing if "alembic_version" not in str(item)]
    assert own == []
