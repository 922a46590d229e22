"""No text whatever makes the declaration's readers do anything but accept or refuse."""

import re

from hypothesis import example, given, settings
from hypothesis import strategies as st

from kpi_pipeline.model.declaration.durations import format_duration, parse_duration
from kpi_pipeline.model.declaration.expression import parse_expression
from kpi_pipeline.model.errors import CursorError
from kpi_pipeline.model.moment import parse_moment

WORDS = [
    "a", "b", '"c', 'd"', '"e""f"', "amount", "1", "2.5", "'x'", "'it''s'", "NULL", "TRUE", "(",
    ")", ",", "+", "-", "*", "/", "%", "=", "<", ">", "<>", "||", "AND", "OR", "NOT", "IS",
    "IN", "BETWEEN", "LIKE", "CASE", "WHEN", "THEN", "ELSE", "END", "coalesce(", "nullif(",
    "abs(", "round(", "lower(", "trim(", "mod(", "if(", "pg_sleep(", "pg_read_file(", "SELECT",
    "FROM", "UNION", "WHERE", ";", "--", "/*", "*/", "::", ":x", "%s", "$$", "$1", ".", "[",
    "]", "{", "}", "@", "#", "~", "!", "?", "CAST(", "AS", "text", "DISTINCT", "OVER", "FILTER",
    "INTERVAL", "COLLATE", "ARRAY", "ROW", "EXISTS", "ANY", "VALUES", "WITH", "DROP", "TABLE",
    "\\", "'", '"', "`", "E'", "U&'", "DATE", "current_user", "now()", "count(*)", "sum(",
    "ESCAPE",
]  # fmt: skip
TOKEN = re.compile(
    r"""
    (?P<space>\s+)
  | (?P<comment>/\*(?:(?!\*/|/\*).)*\*/)
  | (?P<name>"(?:[^"]|"")+")
  | (?P<text>'(?:[^']|'')*')
  | (?P<number>\d+(?:\.\d*)?(?:[eE][+-]?\d+)?)
  | (?P<word>[A-Za-z]+)
  | (?P<sign><>|<=|>=|\|\||[-+*/%=<>(),])
    """,
    re.VERBOSE | re.DOTALL,
)
ALLOWED = {
    "NULL", "TRUE", "FALSE", "AND", "OR", "NOT", "IS", "IN", "BETWEEN", "SYMMETRIC",
    "ASYMMETRIC", "LIKE", "ILIKE", "CASE", "WHEN", "THEN", "ELSE", "END", "COALESCE", "NULLIF",
    "ABS", "ROUND", "CEIL", "FLOOR", "LOWER", "UPPER", "LENGTH", "TRIM", "LTRIM", "RTRIM",
    "BOTH", "LEADING", "TRAILING", "FROM", "GREATEST", "LEAST",
}  # fmt: skip
texts = st.text(max_size=60) | st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join)


def harmless(sql: str) -> bool:
    """Whether the text is nothing but quoted names, literals, signs and allowed words.

    The check shares nothing with the parser that it checks.
    """
    place = 0
    while place < len(sql):
        token = TOKEN.match(sql, place)
        if token is None or (token["word"] and token["word"] not in ALLOWED):
            return False
        if token["sign"] == "-" and sql.startswith("--", place):
            return False
        place = token.end()
    return True


@settings(max_examples=500)
@given(texts)
@example("a --*/ ; DROP TABLE x /*\n+ b")
@example("a /* x */ + b -- y")
@example("'\\' || pg_sleep(1) || '\\'")
def test_an_expression_is_either_refused_or_harmless(text: str) -> None:
    try:
        written = parse_expression(text)
    except ValueError:
        return

    assert harmless(written)


@given(texts)
def test_a_canonical_expression_is_its_own_canonical_form(text: str) -> None:
    try:
        written = parse_expression(text)
    except ValueError:
        return

    assert parse_expression(written) == written


@given(st.text(max_size=40) | st.datetimes().map(str))
def test_a_cursor_is_either_refused_or_a_moment(text: str) -> None:
    try:
        moment = parse_moment(text)
    except CursorError:
        return

    assert parse_moment(moment.isoformat()) == moment


@given(st.integers(0, 3_153_600_000))
def test_a_duration_is_read_back_as_it_was_written(seconds: int) -> None:
    duration = parse_duration(format_duration(parse_duration(f"{seconds % 10**9}s")))

    assert duration.total_seconds() == seconds % 10**9
