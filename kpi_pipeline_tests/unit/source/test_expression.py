"""Checked expressions in other dialects."""

import pytest

from kpi_pipeline.model.declaration.expression import parse_expression
from kpi_pipeline.model.errors import SourceError
from kpi_pipeline.source.sql.expression import expression


@pytest.mark.parametrize(
    ("text", "dialect", "written"),
    [
        ("user_id || 'a'", "mysql", "(CONCAT(`user_id`, 'a'))"),
        ("\"odd`name\" = 'it''s \\'", "mysql", "(`odd``name` = 'it''s \\\\')"),
        ("\"odd`name\" = 'it''s \\'", "sqlite", "(\"odd`name\" = 'it''s \\')"),
        ("kind ILIKE 'a%'", "sqlite", "(LOWER(\"kind\") LIKE LOWER('a%'))"),
        ("amount / 2", "sqlite", '(CAST("amount" AS REAL) / 2)'),
        ("amount / 2", "mysql", "(`amount` / 2)"),
    ],
    ids=[
        "concatenation",
        "quotes and backslashes",
        "no backslashes",
        "ilike",
        "division",
        "decimals",
    ],
)
def test_an_expression_is_written_in_the_dialect(text: str, dialect: str, written: str) -> None:
    assert str(expression(parse_expression(text), dialect)) == written


def test_what_a_dialect_cannot_say_is_refused() -> None:
    with pytest.raises(SourceError, match="cannot be written for sqlite"):
        expression("e'a'", "sqlite")
