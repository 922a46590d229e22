"""A published number held against what the source says now."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from typing import NamedTuple

from kpi_pipeline.compute.aggregation import divide
from kpi_pipeline.compute.explanation import Explanation
from kpi_pipeline.compute.partial import equal
from kpi_pipeline.compute.tolerance import near, tolerance
from kpi_pipeline.model.batch import Dims
from kpi_pipeline.model.metric import Aggregation, RatioMetric, SimpleMetric

Row = Sequence[object]
"""The group's columns if there are any, value, rows, and of a quotient its two sides."""
ROUNDED = Context(prec=15)
DIGITS = 15
"""What a double always holds."""
HALF_STEP = Decimal(2) ** -53
"""What adding one more double may add to the relative error of a sum of like signs."""
QUOTIENT = 4
"""Columns after the group's: value, rows, numerator, denominator."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """One group's value, twice.

    Attributes:
        published, source: Both exact; None where there is nothing to say.
        published_rows, source_rows: Rows that each rests on; 0 where a side has no such group.
        within: How far apart, relative, an estimate may be that is not equal; None elsewhere.
        digits: How many digits are equal, where the source adds in floating point and no more
            can be; None elsewhere.
    """

    dims: Dims
    published: Decimal | None
    source: Decimal | None
    published_rows: int
    source_rows: int
    equal: bool
    digits: int | None = None
    within: Decimal | None = None

    @property
    def difference(self) -> Decimal | None:
        """Source less published; None unless both are finite."""
        if self.source is None or self.published is None:
            return None
        both = self.source.is_finite() and self.published.is_finite()
        return self.source - self.published if both else None


class _Answer(NamedTuple):
    value: Decimal | None
    rows: int
    floating: bool


NO_ANSWER = _Answer(None, 0, floating=False)


def prove(explanation: Explanation, rows: Sequence[Row]) -> tuple[Proof, ...]:
    """Hold every published group against the rows of the explanation's SQL."""
    published = {reading.dims: reading for reading in explanation.readings}
    answers = dict(_answers(explanation, rows))
    proofs = []
    for dims in dict.fromkeys((*published, *answers)):
        reading = published.get(dims)
        source = answers.get(dims, NO_ANSWER)
        ours, our_rows = (reading.value, reading.rows) if reading else (None, 0)
        same_rows = our_rows == source.rows
        exactly = same_rows and _equal(explanation, ours, source.value)
        fits = same_rows and not exactly and near(explanation.parts, ours, source.value)
        digits = None if exactly or fits or not same_rows else _digits(ours, source)
        proofs.append(
            Proof(
                dims=dims,
                published=ours,
                source=source.value,
                published_rows=our_rows,
                source_rows=source.rows,
                equal=exactly or fits or digits is not None,
                digits=digits,
                within=None if exactly else tolerance(explanation.parts),
            )
        )
    return tuple(proofs)


def _digits(ours: Decimal | None, source: _Answer) -> int | None:
    """Equal digits, if they are as many as so many floats leave; None if they are not."""
    if not source.floating or ours is None or source.value is None:
        return None
    if not (ours.is_finite() and source.value.is_finite() and ours):
        return None
    apart = abs((source.value - ours) / ours)
    if apart > max(Decimal(10) ** (1 - DIGITS), source.rows * HALF_STEP):
        return None
    return min(DIGITS, -apart.adjusted())


def _answers(explanation: Explanation, rows: Sequence[Row]) -> Iterator[tuple[Dims, _Answer]]:
    columns = 0 if explanation.group is not None else _columns(explanation)
    for row in rows:
        dims = tuple(None if value is None else str(value) for value in row[:columns])
        value, count, *quotient = row[columns : columns + QUOTIENT]
        exact = divide(*map(_decimal, quotient)) if quotient else _decimal(value)
        floating = any(isinstance(each, float) for each in quotient or [value])
        yield explanation.group or dims, _Answer(exact, int(str(count)), floating=floating)


def _columns(explanation: Explanation) -> int:
    metric = explanation.metric
    return len(metric.group_by) if isinstance(metric, SimpleMetric) else 0


def _decimal(value: object) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def _equal(explanation: Explanation, ours: Decimal | None, source: Decimal | None) -> bool:
    if equal(ours, source) or ours is None or source is None:
        return equal(ours, source)
    if ours.is_nan() or source.is_nan() or not _rounded_by_the_source(explanation):
        return False
    return ROUNDED.plus(ours) == ROUNDED.plus(source)


def _rounded_by_the_source(explanation: Explanation) -> bool:
    """A ratio of an average divides what the database has rounded already."""
    return isinstance(explanation.metric, RatioMetric) and any(
        part.agg is Aggregation.AVERAGE for part in explanation.parts
    )
