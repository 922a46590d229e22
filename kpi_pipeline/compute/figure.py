"""What a term says: a value and the rows that it rests on, from those of its leaves."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import NamedTuple

from kpi_pipeline.compute.aggregation import divide
from kpi_pipeline.compute.formula import evaluate
from kpi_pipeline.model.batch import Dims
from kpi_pipeline.model.composed import DerivedMetric, RatioMetric
from kpi_pipeline.model.group import is_other
from kpi_pipeline.model.metric import Metric, SimpleMetric
from kpi_pipeline.model.term import DENOMINATOR, NUMERATOR, WHOLE, Metrics, Term, parts_of


class Figure(NamedTuple):
    """One value.

    Attributes:
        value: Exact; None where there is nothing to say.
        rows: Rows that it rests on: of a quotient its denominator's, of a formula the least of
            its inputs'.
    """

    value: Decimal | None
    rows: int


NOTHING = Figure(None, 0)
Read = Callable[[Term, Dims], Figure]
"""Reads a leaf for one group; () where its metric has no groups."""


def figure_of(metrics: Metrics, term: Term, dims: Dims, read: Read) -> Figure:
    """The figure of one group; what has no groups is read once for all of them.

    The group of all others is not the same rows in two metrics, so nothing is composed of it.
    """
    metric = metrics[term.metric]
    if is_other(dims) and metric.group_by and not isinstance(metric, SimpleMetric):
        return NOTHING
    return _Reading(metrics, read, {}).of(term, dims)


class _Reading(NamedTuple):
    metrics: Metrics
    read: Read
    known: dict[tuple[Term, Dims], Figure]

    def of(self, term: Term, dims: Dims) -> Figure:
        metric = self.metrics[term.metric]
        own = dims if metric.group_by else ()
        if (term, own) not in self.known:
            self.known[term, own] = self._fresh(metric, term, own)
        return self.known[term, own]

    def _fresh(self, metric: Metric, term: Term, dims: Dims) -> Figure:
        if isinstance(metric, SimpleMetric):
            return self.read(term, dims)
        parts = parts_of(self.metrics, term)
        return _composed(metric, {key: self.of(part, dims) for key, part in parts.items()})


def _composed(metric: Metric, parts: Mapping[str, Figure]) -> Figure:
    if isinstance(metric, RatioMetric):
        below = parts[DENOMINATOR]
        return Figure(divide(parts[NUMERATOR].value, below.value), below.rows)
    if isinstance(metric, DerivedMetric):
        values = {alias: part.value for alias, part in parts.items()}
        return Figure(evaluate(metric.formula, values), min(p.rows for p in parts.values()))
    return parts[WHOLE]
