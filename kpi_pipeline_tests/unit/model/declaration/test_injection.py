"""What a hostile or careless declaration may try, in every place that becomes SQL."""

import pytest

from kpi_pipeline.model.declaration.expression import parse_expression
from kpi_pipeline.model.declaration.formula import parse_formula
from kpi_pipeline.model.errors import SpecError
from kpi_pipeline_tests.unit.builders import shop

STATEMENTS = [
    pytest.param("amount; DROP TABLE users", id="a second statement"),
    pytest.param("amount; -- x", id="a semicolon and a comment"),
    pytest.param("amount); DROP TABLE users; --", id="an early end"),
    pytest.param("SELECT 1", id="a query"),
    pytest.param("DROP TABLE users", id="a statement alone"),
    pytest.param("TRUNCATE users", id="a truncation"),
    pytest.param("COPY users TO PROGRAM 'sh'", id="a program"),
    pytest.param("DO $$ BEGIN END $$", id="a block"),
    pytest.param("CALL f()", id="a procedure"),
    pytest.param("SET ROLE postgres", id="a role"),
    pytest.param("EXPLAIN SELECT 1", id="a plan"),
    pytest.param("VALUES (1)", id="values"),
    pytest.param("TABLE users", id="a table"),
    pytest.param("amount FROM users", id="another table"),
    pytest.param("amount UNION SELECT password", id="a union"),
    pytest.param("amount ORDER BY 1", id="an order"),
    pytest.param("amount LIMIT 1", id="a limit"),
    pytest.param("amount INTO x", id="a target"),
    pytest.param("amount FOR UPDATE", id="a lock"),
]
QUERIES = [
    pytest.param("(SELECT password FROM users)", id="a subquery"),
    pytest.param("amount + (SELECT 1)", id="a subquery in a sum"),
    pytest.param("a IN (SELECT id FROM users)", id="a subquery in a set"),
    pytest.param("a BETWEEN 1 AND (SELECT 2)", id="a subquery in a range"),
    pytest.param("CASE WHEN a THEN (SELECT 1) END", id="a subquery in a case"),
    pytest.param("coalesce(a, (SELECT 1))", id="a subquery in a function"),
    pytest.param("EXISTS (SELECT 1)", id="exists"),
    pytest.param("a = ANY(SELECT 1)", id="any"),
    pytest.param("ARRAY(SELECT 1)", id="an array"),
    pytest.param("a IN (VALUES (1))", id="values in a set"),
    pytest.param("a IN (TABLE users)", id="a table in a set"),
    pytest.param("(WITH x AS (SELECT 1) SELECT * FROM x)", id="a with"),
]
FUNCTIONS = [
    pytest.param("pg_sleep(10)", id="a pause"),
    pytest.param("pg_read_file('/etc/passwd')", id="a file"),
    pytest.param("pg_terminate_backend(1)", id="a kill"),
    pytest.param("lo_import('x')", id="a large object"),
    pytest.param("dblink('x', 'y')", id="another server"),
    pytest.param("query_to_xml('select 1', true, true, '')", id="a query in a text"),
    pytest.param("current_setting('x')", id="a setting"),
    pytest.param("set_config('role', 'x', false)", id="a change of setting"),
    pytest.param("nextval('s')", id="a sequence"),
    pytest.param("version()", id="a version"),
    pytest.param("now()", id="a clock"),
    pytest.param("random()", id="chance"),
    pytest.param("current_user", id="a user"),
    pytest.param("CURRENT_TIMESTAMP", id="a clock without parentheses"),
    pytest.param("lower(pg_sleep(10)::text)", id="within an allowed one"),
    pytest.param("pg_catalog.lower(a)", id="an allowed one of a schema"),
    pytest.param('"pg_sleep"(1)', id="a quoted one"),
    pytest.param('"lower x"(1)', id="a quoted one with a space"),
    pytest.param("sum(amount)", id="an aggregate"),
    pytest.param("count(*)", id="a count"),
    pytest.param("count(DISTINCT a)", id="a distinct count"),
    pytest.param("string_agg(a, ',')", id="an aggregate of text"),
    pytest.param("row_number() OVER ()", id="a window function"),
    pytest.param("lower(a) OVER (PARTITION BY b)", id="an allowed one over a window"),
    pytest.param("abs(a) FILTER (WHERE b)", id="an allowed one with a filter"),
    pytest.param("greatest(VARIADIC a)", id="variable arguments"),
    pytest.param("generate_series(1, 1000000000)", id="a set of rows"),
    pytest.param("unnest(a)", id="another set of rows"),
]
FORMS = [
    pytest.param("amount::text", id="a cast"),
    pytest.param("CAST(amount AS regclass)", id="a cast by its long name"),
    pytest.param("'users'::regclass", id="a cast of a text"),
    pytest.param("date '2020-01-01'", id="a typed text"),
    pytest.param("interval '1 day'", id="an interval"),
    pytest.param("a AT TIME ZONE 'UTC'", id="a time zone"),
    pytest.param('a COLLATE "C"', id="a collation"),
    pytest.param("t.amount", id="a column of a table"),
    pytest.param("s.t.amount", id="a column of a table of a schema"),
    pytest.param('"t"."amount"', id="a quoted column of a table"),
    pytest.param("t.*", id="all columns of a table"),
    pytest.param("*", id="all columns"),
    pytest.param("(a).b", id="a field"),
    pytest.param("a[1]", id="an element"),
    pytest.param("a -> 'b'", id="a JSON field"),
    pytest.param("ROW(a, b)", id="a row"),
    pytest.param("ARRAY[a]", id="an array"),
    pytest.param("amount AS x", id="an alias"),
    pytest.param("amount x", id="a silent alias"),
    pytest.param("a ~ '(x+)+y'", id="a regular expression"),
    pytest.param("a SIMILAR TO 'x'", id="a similar pattern"),
    pytest.param("a OPERATOR(pg_catalog.+) b", id="a named operator"),
    pytest.param("a := 1", id="an assignment"),
    pytest.param("lower(x => a)", id="a named argument"),
    pytest.param("DEFAULT VALUES", id="defaults"),
]
LITERALS = [
    pytest.param("$$x$$", id="dollar quotes"),
    pytest.param("$tag$x$tag$", id="dollar quotes with a tag"),
    pytest.param("E'\\x41'", id="an escaped text"),
    pytest.param("U&'\\0041'", id="a Unicode text"),
    pytest.param("N'x'", id="a national text"),
    pytest.param("B'01'", id="bits"),
    pytest.param("X'1F'", id="hexadecimal bits"),
    pytest.param("'a' 'b'", id="two texts side by side"),
    pytest.param(r"'\' || pg_sleep(1) || '\'", id="a backslash does not hide a quote"),
]
PARAMETERS = [
    pytest.param(":name", id="a bind parameter of SQLAlchemy"),
    pytest.param("a = :name", id="one within"),
    pytest.param("%s", id="a bind parameter of psycopg"),
    pytest.param("%(name)s", id="a named one"),
    pytest.param("$1", id="a bind parameter of the server"),
    pytest.param("?", id="a question mark"),
    pytest.param("@x", id="a variable"),
    pytest.param("{a}", id="braces"),
]


@pytest.mark.parametrize(
    "text", [*STATEMENTS, *QUERIES, *FUNCTIONS, *FORMS, *LITERALS, *PARAMETERS]
)
def test_an_expression_of_anything_but_columns_and_arithmetic_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"not allowed|names a table|is not (one|an) SQL"):
        parse_expression(text)


@pytest.mark.parametrize("key", ["expr", "filter"])
def test_a_refusal_stands_at_the_key_that_holds_it(key: str) -> None:
    with pytest.raises(SpecError) as caught:
        shop("{agg: count}", f'{{agg: count, {key}: "1; DROP TABLE users"}}')

    assert str(caught.value) == (
        f"defs.yaml:9: metrics.orders.{key}: '1; DROP TABLE users' is not one SQL expression"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param('"a""; DROP TABLE x; --"', '"a""; DROP TABLE x; --"', id="a quoted name"),
        pytest.param("'; DROP TABLE x; --'", "'; DROP TABLE x; --'", id="a text"),
        pytest.param("'''; DROP TABLE x; --'", "'''; DROP TABLE x; --'", id="a text with a quote"),
        pytest.param("'/* x'", "'/* x'", id="a comment in a text"),
        pytest.param(r"'x\'", r"'x\'", id="a backslash in a text"),
        pytest.param("':name %s %(x)s'", "':name %s %(x)s'", id="parameters in a text"),
        pytest.param("pg_sleep", '"pg_sleep"', id="a function's name without its parentheses"),
    ],
)
def test_a_dangerous_word_within_quotes_stays_within_quotes(text: str, expected: str) -> None:
    assert parse_expression(text) == expected


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("a; DROP TABLE x", id="a statement"),
        pytest.param("a' OR '1'='1", id="single quotes"),
        pytest.param("a -- b", id="a comment"),
        pytest.param("a:b", id="a colon"),
        pytest.param("a%s", id="a percent sign"),
    ],
)
def test_a_strange_name_is_a_name_since_it_is_quoted_where_it_is_used(name: str) -> None:
    metric = shop("group_by: kind", f'group_by: ["{name}"]').simple_metrics[2]

    assert metric.group_by == (name,)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("public.orders", "'public\".\"orders'", id="a table"),
        pytest.param("key: id", "key: 'i\"d'", id="a key"),
        pytest.param("agg_time_dimension: at", "agg_time_dimension: 'a\"t'", id="an event time"),
        pytest.param("group_by: kind", "group_by: 'ki\" || pg_sleep(1) || \"nd'", id="a group"),
    ],
)
def test_a_name_that_could_leave_its_quotes_is_refused(old: str, new: str) -> None:
    with pytest.raises(SpecError, match=r"is not a (column|table) name"):
        shop(old, new)


@pytest.mark.parametrize("text", [*STATEMENTS, *QUERIES, *FUNCTIONS])
def test_none_of_it_is_a_formula(text: str) -> None:
    with pytest.raises(ValueError, match=r"formula|comment"):
        parse_formula(text)


@pytest.mark.parametrize("name", ['x"; DROP TABLE orders; --', "x\\n", "x'", "x)", "x\u0000"])
def test_a_window_has_a_plain_name(name: str) -> None:
    quoted = name.replace('"', '\\"')

    with pytest.raises(SpecError, match=r"defs\.yaml:"):
        shop("hour: {window: 60m}", f'"{quoted}": {{window: 60m}}')
