from decimal import Decimal

import pytest

from kpi_pipeline.model.declaration.formula import parse_formula
from kpi_pipeline.model.formula import Call, Name, Number, Operation, names_of

A, B = Name("a"), Name("b")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a", A),
        ("A", A),
        ('"order"', Name("order")),
        ("order", Name("order")),
        ("(((a)))", A),
        ("+a", A),
        ("1.50", Number(Decimal("1.50"))),
        (".5", Number(Decimal("0.5"))),
        ("2e3", Number(Decimal("2E+3"))),
        ("null", Number(None)),
        ("- -a", Call(Operation.NEGATE, (Call(Operation.NEGATE, (A,)),))),
        ("a - b", Call(Operation.SUBTRACT, (A, B))),
        ("abs(a)", Call(Operation.ABS, (A,))),
        ("ROUND(a)", Call(Operation.ROUND, (A, Number(Decimal(0))))),
        ("round(a, 2)", Call(Operation.ROUND, (A, Number(Decimal(2))))),
        ("round(a, -2)", Call(Operation.ROUND, (A, Number(Decimal(-2))))),
        ("nullif(a, 0)", Call(Operation.NULLIF, (A, Number(Decimal(0))))),
        ("coalesce(a, b, 0)", Call(Operation.COALESCE, (A, B, Number(Decimal(0))))),
        ("greatest(a)", Call(Operation.GREATEST, (A,))),
        ("least(a, b)", Call(Operation.LEAST, (A, B))),
    ],
)
def test_a_formula_is_read_as_a_tree(text: str, expected: object) -> None:
    assert parse_formula(text) == expected


def test_products_bind_before_sums_and_equals_go_from_the_left() -> None:
    tree = parse_formula("a - b - a * b / a")

    assert tree == Call(
        Operation.SUBTRACT,
        (
            Call(Operation.SUBTRACT, (A, B)),
            Call(Operation.DIVIDE, (Call(Operation.MULTIPLY, (A, B)), A)),
        ),
    )
    assert list(names_of(tree)) == ["a", "b", "a", "b", "a"]


REFUSED = [
    "select 1",
    "(select 1)",
    "(select password from users)",
    "drop table transactions",
    "delete from transactions",
    "insert into t values (1)",
    "copy t to program 'rm -rf /'",
    "set role postgres",
    "pg_sleep(10)",
    "pg_read_file('/etc/passwd')",
    "dblink(a, b)",
    "sum(a)",
    "count(*)",
    "count(a) over ()",
    "power(a, 100000)",
    "a ^ b",
    "a ** b",
    "a % b",
    "a || b",
    "a // b",
    "a::text",
    "cast(a as text)",
    "a.b",
    "s.a.b",
    "a[1]",
    "'text'",
    "E'text'",
    "$1",
    ":a",
    "@a",
    "?",
    "*",
    "0x10",
    "1_000",
    "true",
    "a = b",
    "a > b",
    "not a",
    "a and b",
    "a is null",
    "a in (b)",
    "case when a > b then a end",
    "date '2020-01-01'",
    "interval '1 day'",
    "current_date",
    "a b",
    "a as b",
    "(a, b)",
    "array[a]",
    "{{ env }}",
    "coalesce(distinct a)",
    "abs(a order by b)",
    "round(a, 2, 1)",
    "lateral a",
    "a -> b",
]


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_on_no_list_is_refused_and_the_list_is_told(text: str) -> None:
    with pytest.raises(ValueError, match=r"not allowed in a formula; use names|is not a formula,"):
        parse_formula(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a; b", "'a; b' is not one formula"),
        ("a; drop table users", "is not one formula"),
        ("", "is not one formula"),
        ("a--b", "holds a comment; a minus twice is written - (-x)"),
        ("a /* b */", "holds a comment"),
        ("{# b #} a", "holds a comment"),
        ("a +", "is not a formula, such as revenue - refunds; a metric that is named like an SQL"),
        ("greatest()", "is not a formula"),
        ("abs(a, b)", "is not a formula"),
        ("nullif(a)", "is not a formula"),
        ("a\x00", "none of them NUL"),
        ("a" * 2001, "at most 2000 characters"),
        ("(" * 900 + "a" + ")" * 900, "nested too deeply"),
        ("- " * 900 + "a", "nested too deeply"),
        ("a" + "+a" * 500, "nested too deeply"),
        ("a * 1e999999", "'1e999999' is not a number of sensible size"),
        ("a * 1e-999999", "'1e-999999' is not a number of sensible size"),
        ("a * 1e99999999999999999999999", "is not a number"),
        ("a * " + "9" * 1900, "is not a number of sensible size"),
        ("round(a, b)", "round takes a whole number of digits, at most 100, as its second"),
        ("round(a, 0.5)", "round takes a whole number"),
        ("round(a, 1000)", "round takes a whole number"),
        ("round(a, null)", "round takes a whole number"),
        ("round(a, -b)", "round takes a whole number"),
    ],
)
def test_a_fault_is_told(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message.replace("(", r"\(").replace(")", r"\)")):
        parse_formula(text)
