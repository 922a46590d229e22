"""A percentile by counting places, for databases that have no aggregate for it."""

from collections.abc import Sequence
from decimal import Decimal

from kpi_pipeline.compute.spelling import Spelling

VALUE, PLACE, COUNT = "kpi_value", "kpi_place", "kpi_count"


def ranked_rows(labels: Sequence[tuple[str, str]], expr: str, spelling: Spelling) -> str:
    """What to select of each row: its groups' values, its number, its place, how many there are.

    Args:
        labels: The groups' values, each with its quoted name.
        expr: SQL for the number.
        spelling: Of the database.
    """
    number, groups = f"({expr})", [label for label, _ in labels]
    apart = f"PARTITION BY {', '.join(groups)}" if groups else ""
    present = ", ".join((*groups, f"{number} IS NULL"))
    columns = [
        *(f"{label} AS {name}" for label, name in labels),
        f"{number} AS {spelling.alias(VALUE)}",
        f"row_number() OVER (PARTITION BY {present} ORDER BY {number}) AS {spelling.alias(PLACE)}",
        f"count({number}) OVER ({apart}) AS {spelling.alias(COUNT)}",
    ]
    return "SELECT " + ",\n       ".join(columns)


def nearest_rank(percentile: Decimal, spelling: Spelling) -> str:
    """The least number whose place is not before the percentile's, as an aggregate of such rows.

    The place is a product of doubles, as everywhere; see `compute.statistic.bins.value`.
    """
    value, place, count = (spelling.alias(name) for name in (VALUE, PLACE, COUNT))
    reached = f"{value} IS NOT NULL AND {place} >= {percentile:f}e0 * {count}"
    return f"min(CASE WHEN {reached} THEN {value} END)"
