"""Which source a URL means."""

import sys

import pytest

from kpi_pipeline.model.errors import SourceError
from kpi_pipeline.source.open import open_source
from kpi_pipeline.source.postgres.source import PostgresSource
from kpi_pipeline.source.sql.source import SqlSource
from kpi_pipeline_tests.unit.builders import sales


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("postgresql://reader@db/shop", PostgresSource),
        ("postgres://reader@db/shop", PostgresSource),
        ("postgresql+psycopg://reader@db/shop", PostgresSource),
        ("mariadb://reader@db/shop", SqlSource),
        ("mysql://reader@db/shop", SqlSource),
        ("sqlite:////srv/shop.db", SqlSource),
        ("sqlite:///shop.db", SqlSource),
    ],
)
def test_the_backend_of_a_url_chooses_the_source(url: str, kind: type) -> None:
    source = open_source(sales(), url)

    assert isinstance(source, kind)
    source.close()


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("oracle://u:s3cret@db/shop", "names 'oracle'; this release reads PostgreSQL"),
        ("u:s3cret@db", "is not a database URL"),
        ("sqlite://", "names no SQLite file"),
        ("sqlite:///:memory:", "names no SQLite file"),
    ],
)
def test_a_url_that_cannot_be_read_says_what_can(url: str, message: str) -> None:
    with pytest.raises(SourceError, match=message) as caught:
        open_source(sales(), url)

    assert "s3cret" not in str(caught.value)


def test_a_missing_driver_names_the_extra_that_installs_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "pymysql", None)

    with pytest.raises(SourceError, match=r"pip install pymysql, or .* extra \[mariadb\]"):
        open_source(sales(), "mariadb://reader@db/shop")
