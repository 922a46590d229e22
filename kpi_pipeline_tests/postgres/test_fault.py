"""Which metric a failed question is blamed on: one that fails alone, or none."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from kpi_pipeline.model.errors import SourceError
from kpi_pipeline.model.metric import Aggregation, SimpleMetric
from kpi_pipeline.source.postgres.connection import connect_engine, reading
from kpi_pipeline.source.postgres.fault import asking

ONE = SimpleMetric(name="one", agg=Aggregation.SUM, expr="2")
TWO = SimpleMetric(name="two", agg=Aggregation.SUM, expr="3")


@pytest.fixture
def connection(database: str) -> Iterator[Connection]:
    engine = connect_engine(database, "test")
    with reading(engine, one_snapshot=True) as opened:
        yield opened
    engine.dispose()


def ask(connection: Connection, divisor: str) -> str:
    """Divide by a product over the metrics' expressions."""

    def run(metrics: tuple[SimpleMetric, ...]) -> str:
        factors = " * ".join(f"({divisor.format(metric.expr)})" for metric in metrics) or "1"
        return str(connection.execute(text(f"SELECT 6 / ({factors})")).scalar())

    return asking(connection, (ONE, TWO), run)


def test_a_question_that_can_be_answered_is_asked_once(connection: Connection) -> None:
    assert ask(connection, "{}") == "1"


def test_the_metric_that_fails_alone_is_named(connection: Connection) -> None:
    with pytest.raises(SourceError, match=r"^source database: metrics\.two: division by zero"):
        ask(connection, "{} - 3")


def test_where_each_metric_alone_can_be_answered_none_is_named(connection: Connection) -> None:
    def run(metrics: tuple[SimpleMetric, ...]) -> None:
        connection.execute(text(f"SELECT 1 / (2 - {len(metrics)})"))

    with pytest.raises(DBAPIError):
        asking(connection, (ONE, TWO), run)


def test_what_fails_without_any_metric_is_no_metrics_fault(connection: Connection) -> None:
    def run(_: tuple[SimpleMetric, ...]) -> None:
        connection.execute(text("SELECT 1 / 0"))

    with pytest.raises(DBAPIError):
        asking(connection, (ONE, TWO), run)


def test_a_failure_of_another_kind_is_not_tried_again(connection: Connection) -> None:
    asked: list[int] = []

    def run(metrics: tuple[SimpleMetric, ...]) -> None:
        asked.append(len(metrics))
        connection.execute(text("SET LOCAL statement_timeout = 1"))
        connection.execute(text("SELECT pg_sleep(1)"))

    with pytest.raises(DBAPIError, match="statement timeout"):
        asking(connection, (ONE, TWO), run)

    assert asked == [2]
