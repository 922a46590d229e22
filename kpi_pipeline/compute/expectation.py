"""A snapshot held against what a test case expects."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Context, Decimal

from kpi_pipeline.compute.aggregation import DIVISION
from kpi_pipeline.compute.partial import equal
from kpi_pipeline.model.batch import Dims
from kpi_pipeline.model.case import Case, Expectation, Wanted
from kpi_pipeline.model.snapshot import Snapshot

ABSENT = "no such group"
_WIDE = Context(prec=1000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mismatch:
    """A value that is not what was expected; both as text."""

    metric: str
    window: str
    dims: Dims
    expected: str
    actual: str


def mismatches(case: Case, snapshot: Snapshot) -> tuple[Mismatch, ...]:
    """Every value that differs; a group that was not expected, or is not there, differs too."""
    return tuple(found for item in case.expected for found in _differing(item, snapshot))


def _differing(item: Expectation, snapshot: Snapshot) -> Iterator[Mismatch]:
    found = {r.dims: r.value for r in snapshot.find(item.metric, item.window)}
    for dims in dict.fromkeys((*item.values, *found)):
        wanted = item.values.get(dims)
        if wanted is not None and dims in found and holds(wanted, found[dims]):
            continue
        yield Mismatch(
            metric=item.metric,
            window=item.window,
            dims=dims,
            expected=ABSENT if wanted is None else _wanted_text(wanted),
            actual=_text(found[dims]) if dims in found else ABSENT,
        )


def holds(wanted: Wanted, actual: Decimal | None) -> bool:
    """Whether a value is the expected one.

    Values are compared as decimals, exactly. A quotient that has no end, such as 10 / 3, is
    compared to as many decimals as were written.

    >>> holds(Wanted(value=Decimal("10.50")), Decimal("10.5"))
    True
    >>> holds(Wanted(value=Decimal("3.33")), DIVISION.divide(Decimal(10), Decimal(3)))
    True
    """
    value = wanted.value
    if value is None or actual is None or not (value.is_finite() and actual.is_finite()):
        return equal(value, actual)
    if equal(value, actual):
        return True
    if wanted.within:
        return abs(actual - value) <= abs(value) * wanted.within
    return _has_no_end(actual) and _rounded(actual, value) == value


def _has_no_end(value: Decimal) -> bool:
    return len(value.as_tuple().digits) >= DIVISION.prec


def _rounded(actual: Decimal, like: Decimal) -> Decimal | None:
    exponent = like.as_tuple().exponent
    if not isinstance(exponent, int) or exponent >= 0:
        return None  # a whole number is no rounded quotient
    return actual.quantize(Decimal(1).scaleb(exponent), context=_WIDE)


def _wanted_text(wanted: Wanted) -> str:
    near = f" within {(wanted.within * 100).normalize():f} %" if wanted.within else ""
    return f"{_text(wanted.value)}{near}"


def _text(value: Decimal | None) -> str:
    return "null" if value is None else f"{value:f}"
