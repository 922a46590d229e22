"""Metrics: what a KPI means, in the words of dbt's metric vocabulary."""

import hashlib
import json
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from kpi_pipeline.model.composed import CumulativeMetric, DerivedMetric, RatioMetric
from kpi_pipeline.model.group import DEFAULT_GROUPS

DEFAULT_ERROR = Decimal("0.01")
LEAST_ERROR, GREATEST_ERROR = Decimal("0.001"), Decimal("0.1")
"""Of a percentile's estimate, relative."""


class Aggregation(StrEnum):
    """How the rows of a bucket become one number."""

    COUNT = "count"
    SUM = "sum"
    AVERAGE = "average"
    MIN = "min"
    MAX = "max"
    COUNT_DISTINCT = "count_distinct"
    PERCENTILE = "percentile"


@dataclass(frozen=True, slots=True, kw_only=True)
class SimpleMetric:
    """One aggregation over the source's rows.

    Attributes:
        expr: Checked SQL expression over the table's columns; None counts rows.
        filter: Checked SQL condition; rows that it does not hold for are left out.
        group_by: Columns that split the number; empty for one number.
        most_groups: How many groups are kept apart; later ones are summed in one. It is no part
            of the definition: a group that was kept apart stays so.
        description: What a person should know of it.
        percentile: Between 0 and 1, such as 0.95; of the aggregation `percentile` only.
        relative_error: The greatest that a percentile's estimate may have; likewise.
        approximate: Whether a distinct count is an estimate, in bounded space.
    """

    name: str
    agg: Aggregation
    expr: str | None = None
    filter: str | None = None
    group_by: tuple[str, ...] = ()
    most_groups: int = DEFAULT_GROUPS
    unit: str | None = None
    description: str | None = None
    percentile: Decimal | None = None
    relative_error: Decimal | None = None
    approximate: bool = False

    def definition(self, scope: str) -> str:
        """A hash that changes when the stored partials no longer fit the definition.

        Args:
            scope: What else the buckets depend on: table, event time, time zone.
        """
        parts = [scope, self.agg, self.expr, self.filter, list(self.group_by), *self._estimate()]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]

    def _estimate(self) -> list[str]:
        """Nothing for an exact metric, whose hash is what it was before there were estimates."""
        numbers = {"percentile": self.percentile, "relative_error": self.relative_error}
        given = [(name, number) for name, number in numbers.items() if number is not None]
        texts = [f"{name}={number.normalize():f}" for name, number in given]
        return [*texts, *(["approximate"] if self.approximate else [])]


Metric = SimpleMetric | RatioMetric | DerivedMetric | CumulativeMetric
