"""What a materialization says: numbers that the UI plots, and a table that people read."""

from datetime import timedelta, tzinfo
from math import isfinite

import dagster as dg

from kpi_pipeline.compute.building import filled_text
from kpi_pipeline.compute.late import changed_values, correction_table
from kpi_pipeline.compute.reconciliation import audit_sentence, drift_table
from kpi_pipeline.compute.table import KpiTable, kpi_table
from kpi_pipeline.model.audit import Audit
from kpi_pipeline.model.snapshot import Snapshot
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.pipeline.advance import Outcome
from kpi_pipeline.pipeline.deliver import Delivered

MOST_CORRECTIONS = 20
Metadata = dict[str, dg.MetadataValue]


def snapshot_metadata(
    spec: PipelineSpec, outcome: Outcome, delivered: Delivered, audit: Audit | None
) -> Metadata:
    """The metadata of one materialization; empty before the first snapshot."""
    if outcome.published is None:
        return {}
    snapshot = outcome.published.snapshot
    return {
        "kpis": dg.MetadataValue.md(markdown(kpi_table(snapshot))),
        **_plotted(snapshot),
        **_progress(snapshot, outcome),
        **_proof(spec, outcome, audit),
        **_notes(outcome, delivered),
    }


def audit_metadata(audit: Audit, zone: tzinfo) -> Metadata:
    """What an audit compared, and what differed."""
    found: Metadata = {
        "verified_at": dg.MetadataValue.timestamp(audit.at),
        "values_compared": dg.MetadataValue.int(audit.buckets),
        "rows_read": dg.MetadataValue.int(audit.rows),
        "values_that_differ": dg.MetadataValue.int(audit.drifted),
        "minutes_pending": dg.MetadataValue.int(audit.pending),
        "minutes_queued": dg.MetadataValue.int(audit.queued),
    }
    if audit.interval is not None:
        found["verified_since"] = dg.MetadataValue.timestamp(audit.interval.start)
    if audit.drifts:
        found["drift"] = dg.MetadataValue.md(markdown(drift_table(audit, zone)))
    return found


def markdown(table: KpiTable, head: str = "KPI") -> str:
    """The table in markdown; a value from the data cannot break out of its cell."""
    top = [f"| {head} |" + "".join(f" {_escaped(window)} |" for window in table.windows)]
    top.append("|---|" + "---:|" * len(table.windows))
    body = [
        f"| {_escaped(label)} |" + "".join(f" {_escaped(cell)} |" for cell in cells)
        for label, cells in table.rows
    ]
    more = [f"\n{table.left_out} more are not shown."] if table.left_out else []
    return "\n".join([*top, *body, *more])


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")


def _plotted(snapshot: Snapshot) -> Metadata:
    """Floats, because a plot has pixels; the exact decimals stand in the table and the state."""
    return {
        f"{reading.metric}/{reading.window}": dg.MetadataValue.float(round(float(reading.value), 6))
        for reading in snapshot.readings
        if not reading.dims and reading.value is not None and isfinite(reading.value)
    }


def _progress(snapshot: Snapshot, outcome: Outcome) -> Metadata:
    lag = snapshot.as_of - snapshot.watermark if snapshot.watermark else timedelta(0)
    found: Metadata = {
        "rows_folded": dg.MetadataValue.int(outcome.rows),
        "lag_seconds": dg.MetadataValue.float(max(lag.total_seconds(), 0.0)),
        "dirty_buckets_left": dg.MetadataValue.int(snapshot.backlog_minutes),
        "guarantee": dg.MetadataValue.text(snapshot.guarantee),
        "position": dg.MetadataValue.text(snapshot.position),
        "checked_at": dg.MetadataValue.timestamp(snapshot.as_of),
        "computed_at": dg.MetadataValue.timestamp(snapshot.computed_at),
        "revision": dg.MetadataValue.int(snapshot.revision),
        "future_rows": dg.MetadataValue.int(snapshot.future_rows),
    }
    if snapshot.filled:
        found["building"] = dg.MetadataValue.text(filled_text(snapshot.filled))
    if snapshot.watermark is not None:
        found["watermark"] = dg.MetadataValue.timestamp(snapshot.watermark)
    return found


def _proof(spec: PipelineSpec, outcome: Outcome, audit: Audit | None) -> Metadata:
    """Shown numbers that changed, and when the state was last held against the source."""
    changed = changed_values(outcome.corrections)
    found: Metadata = {"shown_numbers_changed": dg.MetadataValue.int(len(changed))}
    if changed:
        shown = changed[:MOST_CORRECTIONS]
        left_out = len(changed) - len(shown)
        table = correction_table(shown, spec.timezone, left_out=left_out)
        found["ledger"] = dg.MetadataValue.md(markdown(table))
    if outcome.everything is not None:
        found["folded_again_because"] = dg.MetadataValue.text(outcome.everything)
    if audit is not None:
        found["verified"] = dg.MetadataValue.text(audit_sentence(audit, spec.timezone))
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
