"""Bring the state database to this release's schema; any number of processes may try at once."""

from enum import StrEnum
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

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
    return _standing(_version(connection), ScriptDirectory.from_config(_config()))


def _standing(version: str | None, scripts: ScriptDirectory) -> Schema:
    if version is None:
        return Schema.ABSENT
    if version == scripts.get_current_head():
        return Schema.CURRENT
    known = {script.revision for script in scripts.walk_revisions()}
    return Schema.OLDER if version in known else Schema.NEWER


def migrate(engine: Engine) -> None:
    """Apply the migrations that are missing.

    Raises:
        StateError: The database is away or read-only, or of a newer release than this one.
    """
    config = _config()
    scripts = ScriptDirectory.from_config(config)
    with transaction(engine) as connection:
        if _standing(_version(connection), scripts) is Schema.CURRENT:
            return
        connection.execute(LOCK)
        version = _version(connection)
        if _standing(version, scripts) is Schema.NEWER:
            raise StateError(
                f"the state database has schema {version}, which this release does not know; "
                "upgrade kpi-pipeline, or point KPI_STATE_URL at another database"
            )
        connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
        make_room(connection)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def _version(connection: Connection) -> str | None:
    if connection.execute(VERSION_TABLE).scalar() is None:
        return None
    return connection.execute(VERSION).scalar()
