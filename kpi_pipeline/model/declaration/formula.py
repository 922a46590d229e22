"""Formulas from YAML: parsed as SQL is, held to an allowed list, and kept as a tree of our own.

No formula ever reaches a database: it is computed from the values of its metrics.
"""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from sqlglot import exp, parse
from sqlglot.errors import SqlglotError

from kpi_pipeline.model.formula import Call, Formula, Name, Number, Operation

_LONGEST = 2000
_DEEPEST = 100
_SIZE = 1000
"""Digits before or behind the point: a metric is a number that people read."""
_SHOWN = 80
_MOST_DIGITS = 100
_COMMENTS = ("--", "/*", "{#")

_TWO: Mapping[type[exp.Expr], Operation] = {
    exp.Add: Operation.ADD,
    exp.Sub: Operation.SUBTRACT,
    exp.Mul: Operation.MULTIPLY,
    exp.Div: Operation.DIVIDE,
    exp.Nullif: Operation.NULLIF,
}
_ONE: Mapping[type[exp.Expr], Operation] = {exp.Neg: Operation.NEGATE, exp.Abs: Operation.ABS}
_MANY: Mapping[type[exp.Expr], Operation] = {
    exp.Coalesce: Operation.COALESCE,
    exp.Greatest: Operation.GREATEST,
    exp.Least: Operation.LEAST,
}


def parse_formula(text: str) -> Formula:
    """Check a formula and return its tree.

    Raises:
        ValueError: It is not one formula over names, decimals, arithmetic and the allowed
            functions.

    >>> parse_formula("revenue - 1").operation.value
    '-'
    """
    if len(text) > _LONGEST or "\x00" in text:
        raise ValueError(f"a formula has at most {_LONGEST} characters, none of them NUL")
    if any(mark in text for mark in _COMMENTS):
        raise ValueError(f"{_cut(text)!r} holds a comment; a minus twice is written - (-x)")
    try:
        return _formula(_parse_one(text), 0)
    except RecursionError:
        raise ValueError("the formula is nested too deeply") from None


def _parse_one(text: str) -> exp.Expr:
    try:
        trees = parse(text, dialect="postgres")
    except SqlglotError:
        raise ValueError(
            f"{_cut(text)!r} is not a formula, such as revenue - refunds; a metric that is named "
            'like an SQL word goes between double quotes, such as "order"'
        ) from None
    if len(trees) != 1 or trees[0] is None:
        raise ValueError(f"{_cut(text)!r} is not one formula")
    return trees[0]


def _formula(node: exp.Expr, depth: int) -> Formula:
    if depth > _DEEPEST:
        raise ValueError("the formula is nested too deeply")
    kind = type(node)
    if kind is exp.Paren:
        return _formula(node.this, depth + 1)
    if isinstance(node, exp.Column) and not node.table and isinstance(node.this, exp.Identifier):
        return _name(node.this)
    if kind is exp.Literal and not node.args["is_string"]:
        return Number(_decimal(node.name))
    if kind is exp.Null:
        return Number(None)
    if kind is exp.Round:
        return _round(node, depth)
    arguments = _arguments(node)
    if arguments is None:
        raise _refused(node)
    return Call(_operation(kind), tuple(_formula(item, depth + 1) for item in arguments))


def _operation(kind: type[exp.Expr]) -> Operation:
    return {**_ONE, **_TWO, **_MANY}[kind]


def _arguments(node: exp.Expr) -> list[exp.Expr] | None:
    """None of an operation that is not allowed."""
    kind = type(node)
    if kind in _ONE:
        return [node.this]
    if kind in _TWO:
        return [node.this, node.expression]
    return [node.this, *node.expressions] if kind in _MANY else None


def _name(identifier: exp.Identifier) -> Name:
    """As PostgreSQL reads a name: in lower case, but between quotes as it stands."""
    return Name(identifier.name if identifier.args.get("quoted") else identifier.name.lower())


def _decimal(digits: str) -> Decimal:
    if len(digits) > _SIZE:
        raise ValueError(f"{_cut(digits)!r} is not a number of sensible size")
    try:
        number = Decimal(digits)
    except InvalidOperation:
        raise ValueError(f"{_cut(digits)!r} is not a number") from None
    if not number.is_finite() or abs(number.adjusted()) > _SIZE:
        raise ValueError(f"{_cut(digits)!r} is not a number of sensible size")
    return number


def _round(node: exp.Expr, depth: int) -> Formula:
    if node.args.get("truncate") is not None:
        raise _refused(node)
    digits = node.args.get("decimals")
    places = Number(Decimal(0)) if digits is None else _formula(digits, depth + 1)
    if isinstance(places, Call) and isinstance(places.arguments[0], Number):
        inner = places.arguments[0].value
        negated = places.operation is Operation.NEGATE and inner is not None
        places = Number(-inner) if negated and inner is not None else places
    if not isinstance(places, Number) or places.value is None or not _sensible(places.value):
        raise ValueError(
            f"round takes a whole number of digits, at most {_MOST_DIGITS}, as its second argument"
        )
    return Call(Operation.ROUND, (_formula(node.this, depth + 1), places))


def _sensible(places: Decimal) -> bool:
    return abs(places) <= _MOST_DIGITS and places == places.to_integral_value()


def _refused(node: exp.Expr) -> ValueError:
    return ValueError(
        f"{_cut(node.sql(dialect='postgres', comments=False))!r} is not allowed in a formula; use "
        "names of metrics, numbers, + - * /, abs, round, nullif, coalesce, greatest and least"
    )


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
