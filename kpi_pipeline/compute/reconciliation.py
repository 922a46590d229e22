"""What an audit proves, in words and as a table."""

from datetime import UTC, tzinfo

from kpi_pipeline.compute.numbers import format_minute, format_number
from kpi_pipeline.compute.table import KpiTable, bucket_cell, label
from kpi_pipeline.model.audit import Audit, Drift

MOST_SHOWN = 50


def audit_sentence(audit: Audit, zone: tzinfo = UTC) -> str:
    """One line: verified when, since when, and the difference.

    >>> from datetime import datetime
    >>> moment = datetime(2026, 11, 24, 14, 2, tzinfo=UTC)
    >>> audit_sentence(Audit(at=moment, interval=None, complete=True, all_history=True, buckets=0,
    ...                      rows=0, pending=0, drifted=0, drifts=(), difference={}))
    'verified 2026-11-24 14:02, there was nothing to compare'
    """
    when = f"verified {format_minute(audit.at, zone)}"
    if audit.interval is None:
        return f"{when}, there was nothing to compare"
    since = f"since {format_minute(audit.interval.start, zone)}"
    whole = " (all of history)" if audit.complete else " (a part of history)"
    part = whole if audit.all_history else ""
    values = f"{audit.buckets:,} values {since}{part}"
    return f"{when}, {_difference(audit)}; {values}{_pending(audit)}{_queued(audit)}"


def drift_table(audit: Audit, zone: tzinfo = UTC) -> KpiTable:
    """The buckets that differ, one a row."""
    return KpiTable(
        windows=("bucket", "state", "source", "rows in state", "rows in source"),
        rows=tuple((label(d.metric, d.dims), _cells(d, zone)) for d in audit.drifts[:MOST_SHOWN]),
        left_out=max(audit.drifted - MOST_SHOWN, 0),
    )


def _difference(audit: Audit) -> str:
    if audit.reconciles:
        return "difference 0"
    parts = [f"{name} {gap:+,f}" for name, gap in sorted(audit.difference.items())]
    told = f" (state minus source: {', '.join(parts)})" if parts else ""
    return f"{audit.drifted:,} values differ{told}"


def _pending(audit: Audit) -> str:
    """What waits to be folded may differ, and is not verified."""
    return f", but for {audit.pending:,} minutes that wait to be folded" if audit.pending else ""


def _queued(audit: Audit) -> str:
    if audit.reconciles:
        return ""
    return (
        f"; {audit.queued:,} minutes queued to be folded again" if audit.queued else "; not mended"
    )


def _cells(drift: Drift, zone: tzinfo) -> tuple[str, ...]:
    return (
        bucket_cell(drift.grain, drift.bucket, zone),
        format_number(drift.state),
        format_number(drift.source),
        f"{drift.state_rows:,}",
        f"{drift.source_rows:,}",
    )
