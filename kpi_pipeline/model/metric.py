"""Metrics: what a KPI means, in the words of dbt's metric vocabulary."""

import hashlib
import json
from dataclasses import dataclass
from enum import StrEnum

from kpi_pipeline.model.composed import CumulativeMetric, DerivedMetric, RatioMetric
from kpi_pipeline.model.group import DEFAULT_GROUPS


class Aggregation(StrEnum):
    """How the rows of a bucket become one number."""

    COUNT = "count"
    SUM = "sum"
    AVERAGE = "average"
    MIN = "min"
    MAX = "max"
    COUNT_DISTINCT = "count_distinct"


@dataclass(frozen=True, slots=True, kw_only=True)
class SimpleMetric:
    """One aggregation over the source's rows.

    Attributes:
        expr: Checked SQL expression over the table's columns; None counts rows.
        filter: Checked SQL condition; rows that it does not hold for are left out.
        group_by: Columns that split the number; empty for one number.
        most_groups: How many groups are kept apart; later ones are summed in one. It is no part
            of the definition: a group that was kept apart stays so.
    """

    name: str
    agg: Aggregation
    expr: str | None = None
    filter: str | None = None
    group_by: tuple[str, ...] = ()
    most_groups: int = DEFAULT_GROUPS
    unit: str | None = None

    def definition(self, scope: str) -> str:
        """A hash that changes when the stored partials no longer fit the definition.

        Args:
            scope: What else the buckets depend on: table, event time, time zone.
        """
        parts = [scope, self.agg, self.expr, self.filter, list(self.group_by)]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]


Metric = SimpleMetric | RatioMetric | DerivedMetric | CumulativeMetric
