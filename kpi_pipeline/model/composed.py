"""Composed metrics: made of other metrics, whose buckets alone are stored."""

from dataclasses import dataclass

from kpi_pipeline.model.formula import Formula
from kpi_pipeline.model.span import Span
from kpi_pipeline.model.window import Reach


@dataclass(frozen=True, slots=True, kw_only=True)
class RatioMetric:
    """One metric divided by another; null where the denominator is zero.

    Attributes:
        different_filters: The declaration knows that the two sides look at different rows.
        group_by: Of the sides that have groups; the other side is read once for all groups.
    """

    name: str
    numerator: str
    denominator: str
    different_filters: bool = False
    group_by: tuple[str, ...] = ()
    unit: str | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """One metric in a formula.

    Attributes:
        metric: Its name.
        alias: What the formula calls it.
        offset: Read over the same window this much earlier; None for now.
    """

    metric: str
    alias: str
    offset: Span | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DerivedMetric:
    """Arithmetic over other metrics.

    Attributes:
        expr: The formula as people read it.
        formula: The same, checked.
        inputs: What its names stand for; those alone that it reads.
        group_by: Of the inputs that have groups.
    """

    name: str
    expr: str
    formula: Formula
    inputs: tuple[Input, ...]
    group_by: tuple[str, ...] = ()
    unit: str | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CumulativeMetric:
    """One metric over a reach of its own, which ends where the window asked for ends."""

    name: str
    metric: str
    reach: Reach
    group_by: tuple[str, ...] = ()
    unit: str | None = None
    description: str | None = None


Composed = RatioMetric | DerivedMetric | CumulativeMetric
