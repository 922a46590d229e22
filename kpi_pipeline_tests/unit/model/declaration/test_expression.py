import pytest

from kpi_pipeline.model.declaration.expression import columns_of, parse_expression


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("amount", '"amount"', id="a column"),
        pytest.param(" ( amount ) ", '("amount")', id="parentheses stay"),
        pytest.param("7", "7", id="a number"),
        pytest.param("'it''s'", "'it''s'", id="a text with a quote in it"),
        pytest.param("true and null", "TRUE AND NULL", id="constants"),
        pytest.param("a+b-c*d/e%f", '"a" + "b" - "c" * "d" / "e" % "f"', id="arithmetic"),
        pytest.param("a - -1", '"a" - -1', id="minus a negative never becomes a comment"),
        pytest.param("- - a", '- -"a"', id="twice minus never becomes a comment"),
        pytest.param("2 * mod(a, 3)", '2 * ("a" % 3)', id="the remainder keeps its place"),
        pytest.param("a <> b or a != c", '"a" <> "b" OR "a" <> "c"', id="not equal, both ways"),
        pytest.param("a and (b or c)", '"a" AND ("b" OR "c")', id="precedence stays"),
        pytest.param("not a is null", 'NOT "a" IS NULL', id="negation"),
        pytest.param("a between 1 and 2", '"a" BETWEEN 1 AND 2', id="a range"),
        pytest.param("a in ('x', 'y')", "\"a\" IN ('x', 'y')", id="a set"),
        pytest.param("a like 'x%'", "\"a\" LIKE 'x%'", id="a pattern"),
        pytest.param("a ilike '%x'", "\"a\" ILIKE '%x'", id="a pattern in any case"),
        pytest.param("a || 'x'", "\"a\" || 'x'", id="concatenation"),
        pytest.param(
            "case when a > 1 then b else c end",
            'CASE WHEN "a" > 1 THEN "b" ELSE "c" END',
            id="a case",
        ),
        pytest.param("coalesce(a, 0)", 'COALESCE("a", 0)', id="coalesce"),
        pytest.param("nullif(a, 0)", 'NULLIF("a", 0)', id="nullif"),
        pytest.param("round(abs(a), 2)", 'ROUND(ABS("a"), 2)', id="round and abs"),
        pytest.param("ceil(a) - floor(a)", 'CEIL("a") - FLOOR("a")', id="ceil and floor"),
        pytest.param("lower(upper(trim(a)))", 'LOWER(UPPER(TRIM("a")))', id="text functions"),
        pytest.param("length(a)", 'LENGTH("a")', id="length"),
        pytest.param("greatest(a, b)", 'GREATEST("a", "b")', id="greatest"),
        pytest.param("least(a, b)", 'LEAST("a", "b")', id="least"),
        pytest.param('"Order Total"', '"Order Total"', id="a quoted column keeps its case"),
        pytest.param('"select"', '"select"', id="a keyword as a column"),
        pytest.param("user", '"user"', id="what is a keyword elsewhere is a column here"),
        pytest.param("größe * 2", '"größe" * 2', id="a column of any language"),
    ],
)
def test_an_expression_is_written_anew_with_every_name_quoted(text: str, expected: str) -> None:
    assert parse_expression(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("a + b * a", {"a", "b"}, id="each once"),
        pytest.param("7", set(), id="none"),
        pytest.param("'a' || \"B c\"", {"B c"}, id="a text is no column"),
        pytest.param("case when a then b else coalesce(c, d) end", {*"abcd"}, id="at any depth"),
    ],
)
def test_the_columns_of_an_expression_are_known(text: str, expected: set[str]) -> None:
    assert columns_of(parse_expression(text)) == expected


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("  \n ", id="white space"),
        pytest.param("-- amount", id="a comment alone"),
        pytest.param("amount +", id="half a sum"),
        pytest.param("(amount", id="half a parenthesis"),
        pytest.param("'amount", id="half a text"),
        pytest.param('"amount', id="half a name"),
        pytest.param("/* amount", id="half a comment"),
        pytest.param("a, b", id="two expressions"),
        pytest.param("`a`", id="another dialect's quotes"),
        pytest.param("(" * 900 + "a" + ")" * 900, id="nested beyond any parser"),
        pytest.param("not " * 400 + "a", id="denied beyond any parser"),
    ],
)
def test_what_is_no_expression_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not (one|an) SQL expression|nested too deeply"):
        parse_expression(text)


def test_a_message_of_the_parser_comes_without_terminal_escapes() -> None:
    with pytest.raises(ValueError, match="is not an SQL expression") as caught:
        parse_expression("amount from users")

    assert "\x1b" not in str(caught.value)


def test_an_expression_has_a_longest_length() -> None:
    with pytest.raises(ValueError, match="an expression has at most 2000 characters"):
        parse_expression("a" * 2001)


def test_an_expression_has_a_greatest_depth() -> None:
    with pytest.raises(ValueError, match="the expression is nested too deeply"):
        parse_expression("a" + "+a" * 300)


def test_a_column_has_a_name() -> None:
    with pytest.raises(ValueError, match="a column has an empty name"):
        parse_expression('""')
