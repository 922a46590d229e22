"""The ledger as people read it."""

from collections.abc import Iterable, Sequence
from datetime import UTC, timedelta, tzinfo

from kpi_pipeline.compute.numbers import format_age, format_minute, format_number
from kpi_pipeline.compute.partial import equal
from kpi_pipeline.compute.table import KpiTable, bucket_cell, label
from kpi_pipeline.model.correction import Correction, Lateness


def changed_values(found: Iterable[Correction]) -> list[Correction]:
    """Those that changed a number: a late row of a buyer who was counted changes no count."""
    return [item for item in found if not equal(item.before, item.after)]


def correction_table(found: Sequence[Correction], zone: tzinfo, *, left_out: int = 0) -> KpiTable:
    """Corrections, one a row, as they are given."""
    return KpiTable(
        windows=("bucket", "before", "after", "why", "found"),
        rows=tuple((label(item.metric, item.dims), _cells(item, zone)) for item in found),
        left_out=left_out,
    )


def lateness_sentence(found: Lateness, zone: tzinfo = UTC) -> str:
    """How many rows came after their minute had been shown, and how late.

    >>> from datetime import datetime
    >>> lateness_sentence(Lateness(since=datetime(2026, 11, 24, tzinfo=UTC), rows=200, late=1,
    ...     half=timedelta(minutes=3), most=timedelta(minutes=3),
    ...     nearly_all=timedelta(minutes=3), latest=timedelta(minutes=3)))
    'since 2026-11-24 00:00 1 of 200 rows came late (0.5 %): half within 3m, 90 % within 3m, \
99 % within 3m, latest 3m'
    """
    since = f"since {format_minute(found.since, zone)}"
    if not found.late:
        return f"{since} none of {found.rows:,} rows came late"
    share = f"{100 * found.late / max(found.rows, found.late):.2g} %"
    parts = {"half within": found.half, "90 % within": found.most, "99 % within": found.nearly_all}
    told = ", ".join(f"{words} {_age(age)}" for words, age in parts.items())
    rows = f"{found.late:,} of {found.rows:,} rows came late ({share})"
    return f"{since} {rows}: {told}, latest {_age(found.latest)}"


def _age(age: timedelta | None) -> str:
    return "-" if age is None else format_age(age)


def _cells(item: Correction, zone: tzinfo) -> tuple[str, ...]:
    return (
        bucket_cell(item.grain, item.bucket, zone),
        format_number(item.before),
        format_number(item.after),
        item.why.value,
        f"{format_age(item.lateness)} later",
    )
