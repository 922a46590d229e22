"""Where Dagster keeps runs, events and cursors: chosen by the environment, named in dagster.yaml.

Children of Dagster (run workers, code servers) get the class's name and an empty config, and ask
the environment again. So no URL, and no password, stands in a config page or a command line.
"""

import os
from collections.abc import Mapping
from typing import Any, Self

from dagster._config import UserConfigSchema
from dagster._serdes import ConfigurableClassData
from dagster_postgres import DagsterPostgresStorage
from dagster_postgres.utils import DagsterPostgresException
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from kpi_pipeline.config import home_of
from kpi_pipeline.embedded.cluster import open_cluster
from kpi_pipeline.model.errors import KpiError

# The names that people paste. Dagster's storage works with psycopg2 only: under SQLAlchemy 2.1
# a bare `postgresql://` means psycopg 3, which breaks its NOTIFY statements.
DRIVERS = ("postgres", "postgresql", "postgresql+psycopg", "postgresql+psycopg2")


class StorageError(KpiError):
    """Dagster's own database cannot be used."""


class EnvironmentStorage(DagsterPostgresStorage):
    """Dagster's storage at DAGSTER_STORAGE_URL, or else in the embedded PostgreSQL.

    Made by Dagster from `storage: custom:` in dagster.yaml.
    """

    @classmethod
    def config_type(cls) -> UserConfigSchema:
        """No options: everything comes from the environment."""
        return {}

    @classmethod
    def from_config_value(
        cls,
        inst_data: ConfigurableClassData | None,
        config_value: Mapping[str, Any],  # noqa: ARG003  Dagster's interface
    ) -> Self:
        """Open the storage, creating its tables if they are not there.

        Raises:
            StorageError: The URL is wrong or the database does not answer.
            ClusterError: The embedded PostgreSQL does not start.
        """
        url = storage_url(os.environ)
        try:
            return cls(url.render_as_string(hide_password=False), inst_data=inst_data)
        except (DagsterPostgresException, SQLAlchemyError) as error:
            raise StorageError(
                f"Dagster's database at {_shown(url)} cannot be used: "
                f"{_reason(error)}. Check DAGSTER_STORAGE_URL, or unset it to use the embedded one."
            ) from None


def storage_url(environment: Mapping[str, str]) -> URL:
    """The database for Dagster's storage; starts the embedded one where none is named.

    Raises:
        StorageError: DAGSTER_STORAGE_URL is not a PostgreSQL URL.
    """
    given = environment.get("DAGSTER_STORAGE_URL", "")
    if given:
        return normalise(given)
    return make_url(open_cluster(home_of(environment)).url("dagster", "psycopg2"))


def normalise(text: str) -> URL:
    """The URL with the driver that Dagster's storage needs.

    Raises:
        StorageError: It is not a PostgreSQL URL; never shows the text, which may hold a password.
    """
    try:
        url = make_url(text.strip())
    except (ArgumentError, ValueError):
        raise StorageError(_expected("cannot be read as a URL")) from None
    if url.drivername not in DRIVERS:
        raise StorageError(_expected(f"starts with {url.drivername}://"))
    return url.set(drivername="postgresql+psycopg2")


def _expected(what: str) -> str:
    return f"DAGSTER_STORAGE_URL {what}. Expected: postgresql://user:password@host:5432/database"


def _shown(url: URL) -> str:
    """The URL without its password and without its options, which may hold another."""
    return url.set(query={}).render_as_string()


def _reason(error: BaseException) -> str:
    """The database's own words, without SQLAlchemy's wrapping."""
    cause = getattr(error.__cause__ or error, "orig", None) or error
    return "; ".join(line.strip() for line in str(cause).splitlines() if line.strip())
