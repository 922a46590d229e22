"""Test cases of a declaration: some rows, a moment, and what the KPIs then are."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
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


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedSpell:
    """One time that a rule is expected to fire.

    Attributes:
        level: The worst that it reaches; '' where it makes no difference.
        end: None where it still fires in the end.
    """

    start: datetime
    level: str
    end: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertCase:
    """A case of rules: series in, episodes out.

    Attributes:
        start: Of the first value.
        every: From one value to the next.
        series: By rule and group, what its metric is over its window, look by look; None for no
            value.
        before: By rule and group, what its window is compared with.
        rows: Rows that every value rests on.
        expected: By rule and group, every time that it fires; a group that is not named never does.
        place: File and line, for errors.
    """

    name: str
    start: datetime
    every: timedelta
    series: Mapping[str, Mapping[Dims, tuple[Decimal | None, ...]]]
    before: Mapping[str, Mapping[Dims, Decimal]]
    rows: int
    expected: Mapping[str, Mapping[Dims, tuple[WantedSpell, ...]]]
    place: str
