"""What a term says: a value and the rows that it rests on, from those of its leaves."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from kpi_pipeline.compute.aggregation import divide
from kpi_pipeline.compute.formula import evaluate, sane
from kpi_pipeline.model.batch import Dims
from kpi_pipeline.model.composed import Composed, DerivedMetric, RatioMetric
from kpi_pipeline.model.group import is_other
from kpi_pipeline.model.metric import SimpleMetric
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
Read = Callable[[Dims], Figure]
"""Reads the figure of one group; () where there are no groups."""
Bind = Callable[[Term], Read]
"""Prepares to read a leaf."""
_Step = Callable[[Sequence[Figure], Dims], Figure]


def reader_of(metrics: Metrics, term: Term, bind: Bind) -> Read:
    """Prepares to read a term for many groups; what has no groups is the same for all of them.

    The group of all others is not the same rows in two metrics, so nothing is composed of it.
    """
    plan = _Plan(metrics, bind)
    plan.place(term)
    if isinstance(metrics[term.metric], SimpleMetric):
        return plan.read
    return lambda dims: NOTHING if is_other(dims) else plan.read(dims)


class _Plan:
    """The term and all below it as steps, each after those that it is computed from."""

    def __init__(self, metrics: Metrics, bind: Bind) -> None:
        self.metrics, self.bind = metrics, bind
        self.places: dict[Term, int] = {}
        self.steps: list[_Step] = []

    def place(self, term: Term) -> int:
        """Where the term's figure will stand; it is computed once, however often it is named."""
        if term not in self.places:
            step = self._step(term)
            self.places[term] = len(self.steps)
            self.steps.append(step)
        return self.places[term]

    def read(self, dims: Dims) -> Figure:
        done: list[Figure] = []
        for step in self.steps:
            done.append(step(done, dims))  # a step looks at those before it
        return done[-1]

    def _step(self, term: Term) -> _Step:
        metric = self.metrics[term.metric]
        if isinstance(metric, SimpleMetric):
            read = self.bind(term)
            return (lambda _, dims: read(dims)) if metric.group_by else (lambda _, __: read(()))
        parts = parts_of(self.metrics, term)
        return _composed(metric, {key: self.place(part) for key, part in parts.items()})


def _composed(metric: Composed, places: Mapping[str, int]) -> _Step:
    if isinstance(metric, RatioMetric):
        return _quotient(places[NUMERATOR], places[DENOMINATOR])
    if isinstance(metric, DerivedMetric):
        return _derived(metric, places)
    whole = places[WHOLE]
    return lambda done, _: done[whole]


def _quotient(top: int, bottom: int) -> _Step:
    def step(done: Sequence[Figure], _: Dims) -> Figure:
        below = done[bottom]
        return Figure(sane(divide(done[top].value, below.value)), below.rows)

    return step


def _derived(metric: DerivedMetric, places: Mapping[str, int]) -> _Step:
    def step(done: Sequence[Figure], _: Dims) -> Figure:
        values = {alias: done[place].value for alias, place in places.items()}
        rows = min(done[place].rows for place in places.values())
        return Figure(evaluate(metric.formula, values), rows)

    return step
