"""The source of a declaration, chosen by its database's URL."""

from collections.abc import Callable

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from kpi_pipeline.model.errors import SourceError
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.ports import Source
from kpi_pipeline.source.postgres.source import PostgresSource
from kpi_pipeline.source.sql.dialect import Dialect
from kpi_pipeline.source.sql.mariadb import MariaDb
from kpi_pipeline.source.sql.source import SqlSource
from kpi_pipeline.source.sql.sqlite import Sqlite

POSTGRES = frozenset({"postgresql", "postgres"})
DIALECTS: dict[str, Callable[[], Dialect]] = {
    "mariadb": MariaDb,
    "mysql": MariaDb,
    "sqlite": Sqlite,
}
"""By the backend's name in a URL; `mysql` because many name MariaDB so."""
DRIVERS = {"pymysql": "mariadb"}
"""The extra that installs a driver, by its module."""


def open_source(spec: PipelineSpec, url: str) -> Source:
    """The source of a declaration; connects at first use.

    Raises:
        SourceError: The URL cannot be read, or names a database that this release cannot read.
    """
    parsed = _parsed(url)
    backend = parsed.get_backend_name()
    if backend in POSTGRES:
        return PostgresSource(spec, url)
    if backend not in DIALECTS:
        raise SourceError(
            f"KPI_SOURCE_URL names {backend!r}; this release reads PostgreSQL (postgresql://), "
            "MariaDB (mariadb://) and SQLite (sqlite:///)"
        )
    try:
        return SqlSource(spec, parsed, DIALECTS[backend]())
    except ModuleNotFoundError as error:
        extra = DRIVERS.get(error.name or "", backend)
        raise SourceError(
            f"the driver {error.name} is not installed: pip install {error.name}, or "
            f"kpi_pipeline with its extra [{extra}]"
        ) from None


def _parsed(url: str) -> URL:
    try:
        return make_url(url)
    except (ArgumentError, ValueError):
        raise SourceError(
            "KPI_SOURCE_URL is not a database URL; write it like postgresql://user@host/shop"
        ) from None
