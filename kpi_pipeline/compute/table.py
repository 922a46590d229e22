"""A snapshot as rows and columns of text, for whoever draws the table."""

from dataclasses import dataclass
from datetime import datetime, tzinfo
from decimal import Decimal

from kpi_pipeline.compute.messages import group_text
from kpi_pipeline.compute.numbers import SECONDS, format_change, format_minute, format_value
from kpi_pipeline.model.batch import Dims, Grain
from kpi_pipeline.model.snapshot import Reading, Snapshot

MOST_GROUPS = 50
Cells = dict[str, Reading]


@dataclass(frozen=True, slots=True)
class KpiTable:
    """Plain text; the drawer escapes it for its own medium.

    Attributes:
        windows: Column heads, in declared order.
        rows: Label and one cell a window; plain KPIs first, then groups, the largest first.
        left_out: Groups beyond the most that are shown.
    """

    windows: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]
    left_out: int


def kpi_table(snapshot: Snapshot) -> KpiTable:
    """All KPIs over all windows, each with the change against its comparison."""
    windows = tuple(dict.fromkeys(reading.window for reading in snapshot.readings))
    found: dict[str, Cells] = {}
    for reading in snapshot.readings:
        found.setdefault(label(reading.metric, reading.dims), {})[reading.window] = reading
    plain = [item for item in found.items() if not _first(item[1]).dims]
    groups = sorted((i for i in found.items() if _first(i[1]).dims), key=lambda i: _place(i[1]))
    shown = [*plain, *groups[:MOST_GROUPS]]
    return KpiTable(
        windows=windows,
        rows=tuple(
            (label, tuple(_cell(cells.get(w), snapshot) for w in windows)) for label, cells in shown
        ),
        left_out=max(len(groups) - MOST_GROUPS, 0),
    )


def label(metric: str, dims: Dims) -> str:
    """A row's name: the metric, and its group if it has one."""
    return f"{metric}: {group_text(dims)}" if dims else metric


def bucket_cell(grain: Grain, bucket: datetime, zone: tzinfo) -> str:
    """A bucket's start in business time."""
    kind = "" if grain is Grain.MINUTE else f" ({grain.name.lower()})"
    return f"{format_minute(bucket, zone)}{kind}"


def _first(cells: Cells) -> Reading:
    return next(iter(cells.values()))


def _place(cells: Cells) -> tuple[str, Decimal]:
    value = _first(cells).value
    return (_first(cells).metric, Decimal(0) if value is None or value.is_nan() else -value)


def _cell(reading: Reading | None, snapshot: Snapshot) -> str:
    if reading is None:
        return "-"
    named = reading.unit and reading.unit != SECONDS and reading.value is not None
    unit = f" {reading.unit}" if named else ""
    change = format_change(reading.delta_percent)
    building = f" ({_building(reading, snapshot)})" if reading.building else ""
    shown = format_value(reading.value, reading.unit)
    return f"{shown}{unit}{change}{building}"


def _building(reading: Reading, snapshot: Snapshot) -> str:
    percent = snapshot.filled.get(reading.metric)
    return "building" if percent is None else f"building {percent} %"
