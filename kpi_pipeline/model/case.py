"""Test cases of a declaration: some rows, a moment, and what the KPIs then are."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from kpi_pipeline.model.batch import Dims


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of the source's table.

    Attributes:
        values: What the database is given, as text, by column.
        place: File and line, for errors.
    """

    values: Mapping[str, str | None]
    place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """An expected value.

    Attributes:
        value: As it was written, decimals included; None where there is nothing to say.
        within: How far off it may be, as a part of it; 0 for metrics that are exact.
    """

    value: Decimal | None
    within: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """One metric over one window.

    Attributes:
        values: By group, every group of the metric; of one without groups only ().
    """

    metric: str
    window: str
    values: Mapping[Dims, Wanted]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One case.

    Attributes:
        as_of: The source's clock at every look.
        columns: The table's columns, each with its type.
        batches: Rows that are folded one batch after the other.
        place: File and line, for errors.
    """

    name: str
    as_of: datetime
    columns: Mapping[str, str]
    batches: tuple[tuple[Row, ...], ...]
    expected: tuple[Expectation, ...]
    place: str
