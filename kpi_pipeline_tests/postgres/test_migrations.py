"""The migrations make what the schema declares, from nothing and from every earlier release."""

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Engine, create_engine, text

from kpi_pipeline.compute.statistic import members
from kpi_pipeline.compute.statistic.identity import number_of
from kpi_pipeline.model.errors import StateError
from kpi_pipeline.store import migrations
from kpi_pipeline.store.migrate import migrate
from kpi_pipeline.store.schema import metadata
from kpi_pipeline.store.view_catalog import mark_of, read_catalog
from kpi_pipeline.store.view_sql import View

OLD_SETS = [
    *(members.encode(range(1, place % 40 + 2)) for place in range(4500)),
    b"\x01damaged",
    None,
]
OLD_STATE = """
WITH pipeline AS (INSERT INTO kpi.pipeline (name) VALUES ('old') RETURNING id),
series AS (
  INSERT INTO kpi.series (pipeline_id, metric, definition, dims)
  SELECT id, 'users', 'x', '{}' FROM pipeline RETURNING id, pipeline_id)
INSERT INTO kpi.partial (pipeline_id, grain, bucket, series_id, rows, n, members)
SELECT pipeline_id, CASE place % 2 WHEN 0 THEN 'm' ELSE 'd' END,
       TIMESTAMPTZ '2026-01-01 00:00Z' + place * interval '1 minute', id, 100, 100, members
FROM series, unnest(CAST(:sets AS bytea[])) WITH ORDINALITY AS s(members, place)
"""
NEW_STATE = """
SELECT row_number() OVER (ORDER BY bucket) - 1, sketch, value FROM kpi.partial ORDER BY bucket
"""


def config() -> Config:
    found = Config()
    found.set_main_option("script_location", migrations.__path__[0])
    return found


def upgrade(engine: Engine, revision: str) -> None:
    """To one release's schema, as `migrate` does to the newest."""
    to = config()
    with engine.begin() as connection:
        connection.execute(text("CREATE SCHEMA IF NOT EXISTS kpi"))
        to.attributes["connection"] = connection
        command.upgrade(to, revision)


def test_a_role_that_may_not_change_an_older_schema_is_told_what_to_do(database: str) -> None:
    owner = create_engine(database)
    upgrade(owner, "0008")
    reader = create_engine(database, connect_args={"options": "-c role=pg_read_all_data"})

    with pytest.raises(StateError, match=r"schema 0008, this release needs .*once as the owner"):
        migrate(reader)

    migrate(owner)
    migrate(reader)
    for engine in (owner, reader):
        engine.dispose()


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


def test_state_of_the_first_releases_is_kept_and_its_counts_stand_beside_it(
    database: str,
) -> None:
    engine = create_engine(database)
    upgrade(engine, "0002")
    with engine.begin() as connection:
        connection.execute(text(OLD_STATE), {"sets": OLD_SETS})
    upgrade(engine, "head")

    with engine.connect() as connection:
        found = [tuple(row) for row in connection.execute(text(NEW_STATE))]
    engine.dispose()

    assert found == [
        *((place, data, place % 40 + 1) for place, data in enumerate(OLD_SETS[:-2])),
        (len(OLD_SETS) - 2, b"\x01damaged", None),
        (len(OLD_SETS) - 1, None, None),
    ]


NAMED = """
INSERT INTO kpi.member (pipeline_id, value, id)
SELECT p.id, v.value, v.id
FROM kpi.pipeline p, (VALUES ('7', 1), ('x', 2), ('07', 3)) AS v(value, id)
"""


def test_whole_numbers_leave_the_dictionary_and_are_counted_as_before(database: str) -> None:
    engine = create_engine(database)
    upgrade(engine, "0002")
    with engine.begin() as connection:
        connection.execute(text(OLD_STATE), {"sets": [members.encode([1, 2, 3])]})
        connection.execute(text(NAMED))
    upgrade(engine, "head")

    with engine.connect() as connection:
        ((_, sketch, value),) = connection.execute(text(NEW_STATE))
        left = connection.execute(text("SELECT value FROM kpi.member ORDER BY id")).scalars().all()
    engine.dispose()

    assert set(members.decode(bytes(sketch))) == {number_of(7), 2, 3}
    assert (value, left) == (3, ["x", "07"])


@pytest.mark.parametrize(
    ("pipeline", "metric", "name"),
    [
        ("mute", "", "mute"),
        ("channel", "", "channel"),
        ("tick", "", "tick"),
        ("outbox", "episode", "outbox_episode"),
    ],
)
def test_a_view_that_is_called_like_a_new_table_makes_room_and_keeps_its_readers(
    database: str, pipeline: str, metric: str, name: str
) -> None:
    engine = create_engine(database)
    upgrade(engine, "0005")
    view = View(pipeline, metric, "SELECT 7 AS value")
    with engine.begin() as connection:
        connection.execute(text(f"CREATE VIEW kpi.{name} AS {view.sql}"))
        connection.execute(text(f"COMMENT ON VIEW kpi.{name} IS '{mark_of(view)}'"))
        connection.execute(text(f"GRANT SELECT ON kpi.{name} TO PUBLIC"))

    migrate(engine)

    with engine.connect() as connection:
        (made,) = read_catalog(connection, pipeline).made.values()
        value = connection.execute(text(f"TABLE kpi.{made.name}")).scalar_one()
        readable = "SELECT has_table_privilege('public', :name, 'select')"
        read = connection.execute(text(readable), {"name": f"kpi.{made.name}"}).scalar_one()
    engine.dispose()
    assert made.name == view.name_beside({name})
    assert (value, read) == (7, True)
