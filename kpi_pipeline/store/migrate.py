"""Bring the state database to this release's schema; any number of processes may try at once."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from psycopg.errors import InsufficientPrivilege
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import ProgrammingError

from kpi_pipeline.model.errors import StateError
from kpi_pipeline.store.engine import transaction
from kpi_pipeline.store.schema import SCHEMA
from kpi_pipeline.store.view_room import make_room

LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('kpi_pipeline/migrate', 0))")
VERSION_TABLE = text("SELECT to_regclass('kpi.alembic_version')")
VERSION = text("SELECT version_num FROM kpi.alembic_version")


class Schema(StrEnum):
    """How the state database's tables stand to this release."""

    ABSENT = "absent"
    OLDER = "older"
    CURRENT = "current"
    NEWER = "newer"


def standing(connection: Connection) -> Schema:
    """How the tables stand; changes nothing."""
    return _standing(_version(connection))


def _standing(version: str | None) -> Schema:
    if version is None:
        return Schema.ABSENT
    known = _known()
    if version == known[-1]:
        return Schema.CURRENT
    return Schema.OLDER if version in known else Schema.NEWER


@cache
def _known() -> tuple[str, ...]:
    """The revisions of this release, oldest first; read once, because that takes 0.1 s."""
    scripts = ScriptDirectory.from_config(_config())
    return tuple(script.revision for script in scripts.walk_revisions())[::-1]


def migrate(engine: Engine) -> None:
    """Apply the migrations that are missing.

    Raises:
        StateError: The database is away or read-only, or of a newer release than this one; or of
            an older one, and the role may not change it.
    """
    with transaction(engine) as connection:
        if _standing(_version(connection)) is Schema.CURRENT:
            return
        connection.execute(LOCK)
        version = _version(connection)
        if _standing(version) is Schema.NEWER:
            raise StateError(
                f"the state database has schema {version}, which this release does not know; "
                "upgrade kpi-pipeline, or point KPI_STATE_URL at another database"
            )
        with _advice(version):
            connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
            make_room(connection)
            config = _config()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")


@contextmanager
def _advice(version: str | None) -> Iterator[None]:
    """A role that reads and writes an older schema may not be one that can change it."""
    try:
        yield
    except ProgrammingError as error:
        if version is None or not isinstance(error.orig, InsufficientPrivilege):
            raise
        raise StateError(
            f"the state database has schema {version}, this release needs {_known()[-1]}, and its "
            "role may not change it; run `kpi-pipeline advance` once as the owner of its tables"
        ) from None


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def _version(connection: Connection) -> str | None:
    if connection.execute(VERSION_TABLE).scalar() is None:
        return None
    return connection.execute(VERSION).scalar()
