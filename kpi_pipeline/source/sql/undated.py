"""Rows that no bucket can hold."""

from sqlalchemy import Connection, func, select

from kpi_pipeline.source.sql.statements import Statements


def count_undated(connection: Connection, statements: Statements) -> int:
    """How many there are; without an index this reads the whole table."""
    count = select(func.count()).select_from(statements.table.clause)
    counts = (count.where(beyond) for beyond in statements.time.beyond)
    return sum(int(connection.execute(each).scalar_one()) for each in counts)
