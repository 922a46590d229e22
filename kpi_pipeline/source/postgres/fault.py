"""What the source's errors may say: what is wrong, never whose row it is wrong in.

PostgreSQL quotes the value in the message of a data exception, such as `invalid input syntax for
type integer: "alice@example.com"`. Messages end in logs and chats, so those name the exception
alone, and the metric that it came from.
"""

import re
from collections.abc import Callable
from typing import TypeVar

from psycopg import DataError
from psycopg.errors import DivisionByZero, NumericValueOutOfRange
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from kpi_pipeline.model.errors import MetricError, first_line
from kpi_pipeline.model.metric import SimpleMetric

T = TypeVar("T")
Metrics = tuple[SimpleMetric, ...]
EXPRESSIONS_FAULT = ("22", "42")
"""Classes of SQLSTATE that an expression can cause: its values, or its types."""
ADVICE = {
    DivisionByZero: "; divide by NULLIF(divisor, 0)",
    NumericValueOutOfRange: "; begin a product of whole numbers with 1.0 * to make it numeric",
}


def said(error: DBAPIError) -> str:
    """What the database said; for a data exception its name, because it quotes a row's value."""
    cause = error.orig
    if not isinstance(cause, DataError):
        return first_line(cause)
    name = re.sub("(?<!^)(?=[A-Z])", " ", type(cause).__name__).lower()
    code = f"SQLSTATE {cause.sqlstate}; " if cause.sqlstate else ""
    return f"{name} ({code}the value is not shown){ADVICE.get(type(cause), '')}"


def asking(connection: Connection, metrics: Metrics, ask: Callable[[Metrics], T]) -> T:
    """Ask about all metrics at once; where that fails, find out which one it is.

    Raises:
        MetricError: Names the metric whose expression or filter cannot be computed.
        DBAPIError: It is no single metric's fault.
    """
    try:
        return ask(metrics)
    except DBAPIError as error:
        if not _by_expression(error):
            raise
        culprit = _culprit(connection, metrics, ask)
        if culprit is None:
            raise
        raise MetricError(
            f"source database: metrics.{culprit[0]}: {culprit[1]}", culprit[0]
        ) from None


def _culprit(
    connection: Connection, metrics: Metrics, ask: Callable[[Metrics], T]
) -> tuple[str, str] | None:
    if _failure(connection, (), ask) is not None:
        return None
    for metric in metrics:
        failure = _failure(connection, (metric,), ask)
        if failure is not None:
            return metric.name, said(failure)
    return None


def _failure(
    connection: Connection, metrics: Metrics, ask: Callable[[Metrics], T]
) -> DBAPIError | None:
    connection.rollback()  # after an error a transaction answers nothing more
    try:
        ask(metrics)
    except DBAPIError as error:
        return error if _by_expression(error) else None
    return None


def _by_expression(error: DBAPIError) -> bool:
    return str(getattr(error.orig, "sqlstate", None)).startswith(EXPRESSIONS_FAULT)
