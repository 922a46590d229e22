"""CSV for spreadsheets, in which no text of the data becomes a formula."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal

from kpi_pipeline.dashboard.asked import MISSING
from kpi_pipeline.dashboard.past import SeriesShape
from kpi_pipeline.dashboard.plain import moment, number
from kpi_pipeline.dashboard.shapes import SnapshotShape

MEDIA_TYPE = "text/csv; charset=utf-8"
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""With these a spreadsheet takes a cell for a formula (or a field of one)."""
READINGS = (
    *("metric", "window", "group", "value", "unit", "n", "start", "end"),
    *("compare_offset", "compare_value", "delta_pct", "state", "building"),
)


def cell(value: object) -> str:
    """A value as a cell; text of the data that looks like a formula gets an apostrophe.

    A moment is one of the API's; a source that knows no zones says its own, without one.

    >>> cell("=1+1"), cell(Decimal("-1.50")), cell(None), cell("DELI")
    ("'=1+1", '-1.50', '', 'DELI')
    """
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return number(value) or ""
    if isinstance(value, datetime) and value.tzinfo:
        return moment(value)
    text = str(value)
    is_text = isinstance(value, str)
    return f"'{text}" if is_text and text.startswith(FORMULA) else text


def csv_text(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table as RFC 4180 has it."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerow([cell(name) for name in head])
    writer.writerows([cell(value) for value in row] for row in rows)
    return written.getvalue()


def snapshot_csv(body: SnapshotShape) -> str:
    """A line a reading."""
    return csv_text(READINGS, _readings(body))


def series_csv(body: SeriesShape) -> str:
    """A line a bucket, beside the one before that it is compared with."""
    rows: list[list[object]] = []
    for place, point in enumerate(body["points"]):
        before = body["before"][place] if place < len(body["before"]) else None
        compared = [before["start"], _exact(before["value"]), before["n"]] if before else [""] * 3
        rows.append([point["start"], _exact(point["value"]), point["n"], *compared])
    return csv_text(("start", "value", "n", "before_start", "before_value", "before_n"), rows)


def _readings(body: SnapshotShape) -> Iterator[list[object]]:
    for kpi in body["kpis"]:
        for item in kpi["readings"]:
            compared = item["compare"]
            change = (
                [compared["offset"], _exact(compared["value"]), _exact(compared["delta_pct"])]
                if compared
                else [""] * 3
            )
            group = ", ".join(MISSING if value is None else value for value in item["dims"])
            value = [_exact(item["value"]), kpi["unit"], item["n"], item["start"], item["end"]]
            said = [item["state"], "yes" if item["building"] else "no"]
            yield [kpi["metric"], item["window"], group, *value, *change, *said]


def _exact(text: str | None) -> Decimal | None:
    """A number again, which is no formula however it begins."""
    return None if text is None else Decimal(text)
