"""The source of a declaration, chosen by its database's URL."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from kpi_pipeline.model.errors import SourceError
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.ports.source import Answers, Checkup, Source
from kpi_pipeline.source.postgres.answers import PostgresAnswers
from kpi_pipeline.source.postgres.health import PostgresCheckup
from kpi_pipeline.source.postgres.source import PostgresSource
from kpi_pipeline.source.sql.answers import SqlAnswers
from kpi_pipeline.source.sql.dialect import Dialect
from kpi_pipeline.source.sql.health import SqlCheckup
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
KINDS = {
    **dict.fromkeys(POSTGRES, "postgres"),
    "mariadb": "mariadb",
    "mysql": "mariadb",
    "sqlite": "sqlite",
}
DRIVERS = {"pymysql": "mariadb"}
"""The extra that installs a driver, by its module."""


def open_source(spec: PipelineSpec, url: str) -> Source:
    """The source of a declaration; connects at first use.

    Raises:
        SourceError: The URL cannot be read, or names a database that this release cannot read.
    """
    parsed, dialect = _chosen(url)
    if dialect is None:
        return PostgresSource(spec, url)
    with _driver_named(parsed):
        return SqlSource(spec, parsed, dialect)


def open_answers(spec: PipelineSpec, url: str) -> Answers:
    """What writes and runs statements against that source; raises as `open_source` does."""
    parsed, dialect = _chosen(url)
    if dialect is None:
        return PostgresAnswers(spec, url)
    with _driver_named(parsed):
        return SqlAnswers(spec, parsed, dialect)


def open_checkup(spec: PipelineSpec, url: str) -> Checkup:
    """What looks that source over; raises as `open_source` does."""
    parsed, dialect = _chosen(url)
    if dialect is None:
        return PostgresCheckup(spec, url)
    with _driver_named(parsed):
        return SqlCheckup(spec, parsed, dialect)


def kind_of(url: str) -> str:
    """What a URL names, in one word: `postgres`, `mariadb`, `sqlite`.

    Raises:
        SourceError: The URL cannot be read, or names a database that this release cannot read.
    """
    return KINDS[_backend(_parsed(url))]


def _chosen(url: str) -> tuple[URL, Dialect | None]:
    """The URL, and what its database says about itself; None for PostgreSQL."""
    parsed = _parsed(url)
    backend = _backend(parsed)
    return parsed, None if backend in POSTGRES else DIALECTS[backend]()


@contextmanager
def _driver_named(url: URL) -> Iterator[None]:
    try:
        yield
    except ModuleNotFoundError as error:
        extra = DRIVERS.get(error.name or "", url.get_backend_name())
        raise SourceError(
            f"the driver {error.name} is not installed: pip install {error.name}, or "
            f"kpi_pipeline with its extra [{extra}]"
        ) from None


def _backend(url: URL) -> str:
    backend = url.get_backend_name()
    if backend not in KINDS:
        raise SourceError(
            f"KPI_SOURCE_URL names {backend!r}; this release reads PostgreSQL (postgresql://), "
            "MariaDB (mariadb://) and SQLite (sqlite:///)"
        )
    return backend


def _parsed(url: str) -> URL:
    try:
        return make_url(url)
    except (ArgumentError, ValueError):
        raise SourceError(
            "KPI_SOURCE_URL is not a database URL; write it like postgresql://user@host/shop"
        ) from None
