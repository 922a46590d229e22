"""What a materialization says: numbers that the UI plots, and a table that people read."""

from datetime import timedelta
from decimal import Decimal

import dagster as dg

from kpi_pipeline.compute.messages import group_text
from kpi_pipeline.compute.numbers import format_number
from kpi_pipeline.model.snapshot import Published, Reading, Snapshot
from kpi_pipeline.pipeline.advance import Outcome
from kpi_pipeline.pipeline.deliver import Delivered

Metadata = dict[str, dg.MetadataValue]
MOST_GROUPS = 50


def snapshot_metadata(outcome: Outcome, delivered: Delivered) -> Metadata:
    """The metadata of one materialization; empty before the first snapshot."""
    if outcome.published is None:
        return {}
    snapshot = outcome.published.snapshot
    return {
        "kpis": dg.MetadataValue.md(kpi_table(outcome.published)),
        **_plotted(snapshot),
        **_progress(snapshot, outcome),
        **_notes(outcome, delivered),
    }


def kpi_table(published: Published) -> str:
    """All KPIs over all windows as a markdown table; groups beneath, largest first."""
    snapshot = published.snapshot
    windows = list(dict.fromkeys(reading.window for reading in snapshot.readings))
    rows: dict[str, dict[str, Reading]] = {}
    for reading in snapshot.readings:
        rows.setdefault(_label(reading), {})[reading.window] = reading
    shown = sorted(rows.items(), key=lambda item: _place(item[1]))
    head = ["| KPI |" + "".join(f" {window} |" for window in windows)]
    head.append("|---|" + "---:|" * len(windows))
    body = [_row(label, cells, windows) for label, cells in shown]
    grouped = sum(1 for cells in rows.values() if next(iter(cells.values())).dims)
    most = len(rows) - grouped + MOST_GROUPS
    more = [f"\n{len(body) - most} more groups are not shown."] if len(body) > most else []
    return "\n".join([*head, *body[:most], *more])


def _row(label: str, cells: dict[str, Reading], windows: list[str]) -> str:
    return f"| {label} |" + "".join(f" {_cell(cells.get(window))} |" for window in windows)


def _cell(reading: Reading | None) -> str:
    if reading is None:
        return "-"
    unit = f" {reading.unit}" if reading.unit and reading.value is not None else ""
    delta = reading.delta_percent
    change = "" if delta is None else f" ({delta:+.1f} %)"
    building = " (building)" if reading.building else ""
    return f"{format_number(reading.value)}{unit}{change}{building}"


def _label(reading: Reading) -> str:
    if not reading.dims:
        return reading.metric
    # A value from the data must not break the table that it stands in.
    group = group_text(reading.dims).replace("|", "\\|").replace("\n", " ")
    return f"{reading.metric}: {group}"


def _place(cells: dict[str, Reading]) -> tuple[bool, str, Decimal]:
    """Plain KPIs first; then groups by metric, the largest first."""
    first = next(iter(cells.values()))
    if not first.dims:
        return (False, "", Decimal(0))
    value = first.value if first.value is not None and first.value.is_finite() else Decimal(0)
    return (True, first.metric, -value)


def _plotted(snapshot: Snapshot) -> Metadata:
    """Floats, because a plot has pixels; the exact decimals stand in the table and the state."""
    return {
        f"{reading.metric}/{reading.window}": dg.MetadataValue.float(round(float(reading.value), 6))
        for reading in snapshot.readings
        if not reading.dims and reading.value is not None and reading.value.is_finite()
    }


def _progress(snapshot: Snapshot, outcome: Outcome) -> Metadata:
    lag = snapshot.as_of - snapshot.watermark if snapshot.watermark else timedelta(0)
    found: Metadata = {
        "rows": dg.MetadataValue.int(outcome.rows),
        "lag_seconds": dg.MetadataValue.float(max(lag.total_seconds(), 0.0)),
        "dirty_buckets_left": dg.MetadataValue.int(snapshot.backlog_minutes),
        "guarantee": dg.MetadataValue.text(snapshot.guarantee),
        "position": dg.MetadataValue.text(snapshot.position),
        "checked_at": dg.MetadataValue.timestamp(snapshot.as_of),
        "computed_at": dg.MetadataValue.timestamp(snapshot.computed_at),
        "revision": dg.MetadataValue.int(snapshot.revision),
        "future_rows": dg.MetadataValue.int(snapshot.future_rows),
    }
    if snapshot.watermark is not None:
        found["watermark"] = dg.MetadataValue.timestamp(snapshot.watermark)
    return found


def _notes(outcome: Outcome, delivered: Delivered) -> Metadata:
    notes: Metadata = {}
    if not outcome.folded_by_us:
        notes["folded_by"] = dg.MetadataValue.text("another process, which holds the pipeline")
    if outcome.report is not None:
        notes["undated_rows"] = dg.MetadataValue.int(outcome.report.undated)
        if outcome.report.warnings:
            notes["warnings"] = dg.MetadataValue.md("\n".join(_items(outcome.report.warnings)))
    if delivered.sent:
        notes["alerts_sent"] = dg.MetadataValue.md("\n".join(_items(delivered.sent)))
    if delivered.failed:
        notes["alerts_not_sent"] = dg.MetadataValue.md("\n".join(_items(delivered.failed)))
    return notes


def _items(sentences: tuple[str, ...]) -> list[str]:
    return [f"- {sentence}" for sentence in sentences]
