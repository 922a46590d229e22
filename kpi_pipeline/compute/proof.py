"""A published number held against what the source says now."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from kpi_pipeline.compute.aggregation import divide, value_of
from kpi_pipeline.compute.explanation import Explanation
from kpi_pipeline.compute.figure import Figure, Read, reader_of
from kpi_pipeline.compute.leaf import Leaf
from kpi_pipeline.compute.partial import ZERO, equal
from kpi_pipeline.compute.tolerance import near, tolerance
from kpi_pipeline.model.batch import Dims
from kpi_pipeline.model.group import named
from kpi_pipeline.model.metric import SimpleMetric
from kpi_pipeline.model.snapshot import Reading
from kpi_pipeline.model.term import Term

Row = Sequence[object]
"""The group's columns if there are any, value, rows, and of an average its two sides."""
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
Answers = Mapping[Dims, _Answer]


def prove(explanation: Explanation, rows: Sequence[Sequence[Row]]) -> tuple[Proof, ...]:
    """Hold every published group against the source.

    Args:
        explanation: Of a published number.
        rows: What the statement of each leaf gives, in their order.
    """
    pairs = zip(explanation.leaves, rows, strict=True)
    source = _Source(explanation, {leaf.term: dict(_answers(leaf, own)) for leaf, own in pairs})
    published = {reading.dims: reading for reading in explanation.readings}
    everywhere = dict.fromkeys((*published, *source.groups()))
    parts = [leaf.metric for leaf in explanation.leaves]
    return tuple(
        _proof(dims, published.get(dims), source.answer(dims), parts) for dims in everywhere
    )


def _proof(
    dims: Dims, reading: Reading | None, source: _Answer, parts: Sequence[SimpleMetric]
) -> Proof:
    ours, our_rows = (reading.value, reading.rows) if reading else (None, 0)
    same_rows = our_rows == source.rows
    exactly = same_rows and equal(ours, source.value)
    fits = same_rows and not exactly and near(parts, ours, source.value)
    digits = None if exactly or fits or not same_rows else _digits(ours, source)
    return Proof(
        dims=dims,
        published=ours,
        source=source.value,
        published_rows=our_rows,
        source_rows=source.rows,
        equal=exactly or fits or digits is not None,
        digits=digits,
        within=None if exactly else tolerance(parts),
    )


@dataclass(frozen=True, slots=True)
class _Source:
    """What the source answers, by leaf."""

    found: Explanation
    answers: Mapping[Term, Answers]

    def groups(self) -> list[Dims]:
        """Every group of any leaf; () of a metric without groups."""
        if not self.found.metric.group_by:
            return [()]
        grouped = (leaf for leaf in self.found.leaves if leaf.metric.group_by and leaf.basis.ready)
        return [dims for leaf in grouped for dims in self.answers[leaf.term]]

    def answer(self, dims: Dims) -> _Answer:
        """The metric's figure of one group."""
        if isinstance(self.found.metric, SimpleMetric):
            return self.answers[self.found.term].get(dims, NO_ANSWER)
        used: list[_Answer] = []
        leaves = {leaf.term: leaf for leaf in self.found.leaves}

        def bind(term: Term) -> Read:
            def read(own: Dims) -> Figure:
                answer = self._part(leaves[term], own)
                used.append(answer)
                return Figure(answer.value, answer.rows)

            return read

        value, rows = reader_of(self.found.metrics, self.found.term, bind)(dims)
        return _Answer(value, rows, floating=any(answer.floating for answer in used))

    def _part(self, leaf: Leaf, dims: Dims) -> _Answer:
        """Of a composed metric: a group that is not kept apart is among the others, unknown."""
        apart = leaf.basis.apart
        if not leaf.basis.ready or (dims and apart is not None and dims not in apart):
            return NO_ANSWER
        nobody = _Answer(value_of(leaf.metric.agg, ZERO), 0, floating=False)
        return self.answers[leaf.term].get(dims, nobody)


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


def _answers(leaf: Leaf, rows: Sequence[Row]) -> Iterator[tuple[Dims, _Answer]]:
    columns = 0 if leaf.group is not None else len(leaf.metric.group_by)
    for row in rows:
        dims = tuple(None if value is None else str(value) for value in row[:columns])
        # Where some are summed together the statement itself gives the names.
        dims = named(dims) if leaf.basis.apart is None else dims
        value, count, *quotient = row[columns : columns + QUOTIENT]
        exact = divide(*map(_decimal, quotient)) if quotient else _decimal(value)
        floating = any(isinstance(each, float) for each in quotient or [value])
        yield leaf.group or dims, _Answer(exact, int(str(count)), floating=floating)


def _decimal(value: object) -> Decimal | None:
    return None if value is None else Decimal(str(value))
