"""Formulas against an oracle of fractions, with the rules for nothing written out again."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from math import log10

from hypothesis import given
from hypothesis import strategies as st

from kpi_pipeline.compute.formula import evaluate
from kpi_pipeline.model.declaration.formula import parse_formula

Maybe = Fraction | None
NAMES = ("a", "b", "c")
DIGITS = 34

decimals = st.decimals(
    allow_nan=False, allow_infinity=False, places=3, min_value=-(10**9), max_value=10**9
)
values = st.fixed_dictionaries({name: st.none() | decimals for name in NAMES})


class Oracle:
    """A formula as text, and as a function of fractions."""

    def __init__(self, text: str, of: Callable[[Mapping[str, Maybe]], Maybe]) -> None:
        self.text, self.of = text, of

    def __repr__(self) -> str:
        return self.text


def named(name: str) -> Oracle:
    return Oracle(name, lambda known: known[name])


def number(value: Decimal) -> Oracle:
    return Oracle(f"({value:f})", lambda _: Fraction(value))


def strict(text: str, of: Callable[..., Maybe], *parts: Oracle) -> Oracle:
    """Nothing where one of the parts is nothing."""

    def apply(known: Mapping[str, Maybe]) -> Maybe:
        found = [part.of(known) for part in parts]
        return None if None in found else of(*found)

    return Oracle(text.format(*parts), apply)


def lenient(text: str, of: Callable[[list[Maybe]], Maybe], *parts: Oracle) -> Oracle:
    return Oracle(text.format(*parts), lambda known: of([part.of(known) for part in parts]))


def quotient(left: Fraction, right: Fraction) -> Maybe:
    """To 34 digits, half to even."""
    if not right or not left:
        return None if not right else Fraction(0)
    exact = left / right
    scale = DIGITS - 1 - _magnitude(abs(exact))
    return Fraction(round(exact * Fraction(10) ** scale)) / Fraction(10) ** scale


def _magnitude(value: Fraction) -> int:
    guess = int(log10(value.numerator) - log10(value.denominator))
    while Fraction(10) ** guess > value:
        guess -= 1
    while Fraction(10) ** (guess + 1) <= value:
        guess += 1
    return guess


def half_up(value: Fraction, places: int) -> Fraction:
    scaled = abs(value) * Fraction(10) ** places
    whole = (scaled + Fraction(1, 2)).__floor__()
    return (1 if value > 0 else -1) * Fraction(whole) / Fraction(10) ** places


def present(found: list[Maybe]) -> list[Fraction]:
    return [value for value in found if value is not None]


def composed(parts: st.SearchStrategy[Oracle]) -> st.SearchStrategy[Oracle]:
    two, three = st.tuples(parts, parts), st.tuples(parts, parts, parts)
    return st.one_of(
        two.map(lambda p: strict("({} + {})", lambda x, y: x + y, *p)),
        two.map(lambda p: strict("({} - {})", lambda x, y: x - y, *p)),
        two.map(lambda p: strict("({} * {})", lambda x, y: x * y, *p)),
        two.map(lambda p: strict("({} / {})", quotient, *p)),
        parts.map(lambda p: strict("(- {})", lambda x: -x, p)),
        parts.map(lambda p: strict("abs({})", abs, p)),
        parts.map(lambda p: strict("round({})", lambda x: half_up(x, 0), p)),
        parts.map(lambda p: strict("round({}, 2)", lambda x: half_up(x, 2), p)),
        parts.map(lambda p: strict("round({}, -3)", lambda x: half_up(x, -3), p)),
        two.map(lambda p: lenient("nullif({}, {})", lambda f: None if f[0] == f[1] else f[0], *p)),
        three.map(
            lambda p: lenient("coalesce({}, {}, {})", lambda f: next(iter(present(f)), None), *p)
        ),
        three.map(
            lambda p: lenient("greatest({}, {}, {})", lambda f: max(present(f), default=None), *p)
        ),
        two.map(lambda p: lenient("least({}, {})", lambda f: min(present(f), default=None), *p)),
    )


formulas = st.recursive(
    st.sampled_from(NAMES).map(named) | decimals.map(number), composed, max_leaves=12
)


@given(formulas, values)
def test_a_formula_is_what_fractions_say(
    formula: Oracle, known: Mapping[str, Decimal | None]
) -> None:
    fractions = {key: None if item is None else Fraction(item) for key, item in known.items()}

    found = evaluate(parse_formula(formula.text), known)

    assert (None if found is None else Fraction(found)) == formula.of(fractions)
