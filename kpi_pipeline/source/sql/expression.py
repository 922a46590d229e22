"""Checked expressions, written in the dialect of the source."""

from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, literal_column
from sqlglot import ErrorLevel, exp, parse_one
from sqlglot.errors import SqlglotError

from kpi_pipeline.model.errors import SourceError


def expression(canonical: str, dialect: str) -> ColumnElement[Any]:
    """A canonical expression of a declaration, for a statement.

    A `literal_column` is never searched for bind parameters, so a colon in a literal stays one.

    Args:
        canonical: As `parse_expression` returned it.
        dialect: sqlglot's name of the dialect.

    Raises:
        SourceError: The dialect has no such thing.
    """
    return literal_column(f"({written(canonical, dialect)})")


@cache
def written(canonical: str, dialect: str) -> str:
    """The same as text; see `expression`."""
    tree = parse_one(canonical, dialect="postgres")
    # Types are not known here, and SQLite would divide a price of 3 by 2 as whole numbers.
    for division in tree.find_all(exp.Div):
        division.args["typed"] = False
    try:
        return tree.sql(
            dialect=dialect, identify=True, comments=False, unsupported_level=ErrorLevel.RAISE
        )
    except SqlglotError as error:
        raise SourceError(f"{canonical} cannot be written for {dialect}: {error}") from None
