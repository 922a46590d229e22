"""The value of a formula: exact, or nothing; with PostgreSQL's rules for nothing.

Sums, differences and products are exact. What no PostgreSQL numeric could hold is nothing, so a
tower of products ends where it begins to be absurd. Quotients have 34 digits; a division by zero
is nothing, never zero.
"""

from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Context, Decimal, Inexact

from kpi_pipeline.compute.aggregation import divide
from kpi_pipeline.compute.partial import equal
from kpi_pipeline.compute.statistic.total import EXACT
from kpi_pipeline.model.formula import Call, Formula, Name, Number, Operation

Value = Decimal | None
MOST_WHOLE = 131_072
MOST_FRACTION = 16_383
"""Digits that a PostgreSQL numeric has before and behind the point."""


def evaluate(formula: Formula, values: Mapping[str, Value]) -> Value:
    """The value of a formula, of the values of its names.

    >>> from kpi_pipeline.model.declaration.formula import parse_formula
    >>> print(evaluate(parse_formula("(a - b) / a"), {"a": Decimal(8), "b": Decimal(2)}))
    0.75
    """
    if isinstance(formula, Number):
        return formula.value
    if isinstance(formula, Name):
        return values[formula.alias]
    arguments = [evaluate(argument, values) for argument in formula.arguments]
    return sane(_apply(formula, arguments))


def _apply(call: Call, arguments: list[Value]) -> Value:
    if call.operation in OF_ANY:
        return OF_ANY[call.operation](arguments)
    present = [value for value in arguments if value is not None]
    if len(present) < len(arguments):
        return None
    return OF_NUMBERS[call.operation](*present)


def sane(value: Value) -> Value:
    """Without a minus before zero; nothing where no numeric could hold it."""
    if value is None or not value.is_finite():
        return value
    if not value:
        return Decimal(0) if value.is_signed() else value
    exponent = value.as_tuple().exponent
    small = isinstance(exponent, int) and exponent < -MOST_FRACTION
    return None if small or value.adjusted() >= MOST_WHOLE else value


def _exactly(operation: Callable[[Context, Decimal, Decimal], Decimal]) -> Callable[..., Value]:
    def apply(left: Decimal, right: Decimal) -> Value:
        context = EXACT.copy()
        found = operation(context, left, right)
        return None if context.flags[Inexact] else found

    return apply


def _round(value: Decimal, places: Decimal) -> Value:
    """Half away from zero, as PostgreSQL does."""
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int) or exponent >= -places:
        return value
    step = Decimal(1).scaleb(-int(places))
    return value.quantize(step, rounding=ROUND_HALF_UP, context=EXACT.copy())


def _nullif(arguments: list[Value]) -> Value:
    left, right = arguments
    return None if equal(left, right) else left


def _order(value: Decimal) -> tuple[bool, Decimal]:
    """NaN is above every number."""
    return (value.is_nan(), Decimal(0) if value.is_nan() else value)


def _present(arguments: list[Value]) -> list[Decimal]:
    return [value for value in arguments if value is not None]


OF_ANY: Mapping[Operation, Callable[[list[Value]], Value]] = {
    Operation.NULLIF: _nullif,
    Operation.COALESCE: lambda values: next(iter(_present(values)), None),
    Operation.GREATEST: lambda values: max(_present(values), key=_order, default=None),
    Operation.LEAST: lambda values: min(_present(values), key=_order, default=None),
}
"""Operations that look at what is nothing too."""
OF_NUMBERS: Mapping[Operation, Callable[..., Value]] = {
    Operation.ADD: _exactly(Context.add),
    Operation.SUBTRACT: _exactly(Context.subtract),
    Operation.MULTIPLY: _exactly(Context.multiply),
    Operation.DIVIDE: divide,
    Operation.NEGATE: Decimal.copy_negate,
    Operation.ABS: Decimal.copy_abs,
    Operation.ROUND: _round,
}
"""Operations that give nothing where one of their numbers is nothing."""
