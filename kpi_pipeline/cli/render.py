"""Snapshots as people read them in a terminal."""

from datetime import datetime
from zoneinfo import ZoneInfo

from rich.markup import escape
from rich.table import Table

from kpi_pipeline.compute.messages import group_text
from kpi_pipeline.compute.numbers import format_age, format_number
from kpi_pipeline.model.episode import Evidence, Phase, Verdict
from kpi_pipeline.model.snapshot import Published, Reading, Snapshot

MOST_GROUPS = 30
WORDS = {
    Evidence.BREACH: "[red]breach[/]",
    Evidence.HOLD: "[yellow]hold[/]",
    Evidence.CLEAR: "[green]ok[/]",
    Evidence.MISSING: "[dim]no evidence[/]",
}


def kpi_table(snapshot: Snapshot) -> Table:
    """Every KPI over every window, with the change against its comparison."""
    windows = list(dict.fromkeys(reading.window for reading in snapshot.readings))
    table = Table("KPI", title=f"{snapshot.pipeline}, revision {snapshot.revision}")
    for window in windows:
        table.add_column(window, justify="right")
    rows: dict[str, dict[str, Reading]] = {}
    for reading in snapshot.readings:
        rows.setdefault(_label(reading), {})[reading.window] = reading
    for label, cells in list(rows.items())[:MOST_GROUPS]:
        table.add_row(escape(label), *(_cell(cells.get(window)) for window in windows))
    if len(rows) > MOST_GROUPS:
        table.caption = f"{len(rows) - MOST_GROUPS} more rows"
    return table


def clocks(snapshot: Snapshot, zone: ZoneInfo) -> str:
    """The three clocks, the guarantee and the backlog in a few lines."""
    lines = [
        f"data through {_local(snapshot.watermark, zone)}",
        f"checked at   {_local(snapshot.as_of, zone)}",
        f"computed at  {_local(snapshot.computed_at, zone)}",
        f"guarantee    {snapshot.guarantee}",
    ]
    if snapshot.watermark:
        lines[0] += f" ({format_age(snapshot.as_of - snapshot.watermark)} before the check)"
    if snapshot.backlog_minutes:
        lines.append(f"backlog      {snapshot.backlog_minutes:,} minute buckets to fold")
    if snapshot.future_rows:
        lines.append(f"future rows  {snapshot.future_rows:,} wait for their time")
    return "\n".join(lines)


def rules_table(published: Published) -> Table:
    """Every rule's verdict and where its alert stands."""
    table = Table("Rule", "Verdict", "Alert", "Why", title="Rules")
    for verdict in published.verdicts[:MOST_GROUPS]:
        table.add_row(_rule(verdict), WORDS[verdict.evidence], _phase(verdict), _why(verdict))
    return table


def _rule(verdict: Verdict) -> str:
    group = f" ({group_text(verdict.dims)})" if verdict.dims else ""
    return escape(f"{verdict.rule}{group}")


def _phase(verdict: Verdict) -> str:
    return "-" if verdict.phase is Phase.OK else f"{verdict.phase.value} {verdict.level.value}"


def _why(verdict: Verdict) -> str:
    return escape(verdict.reason)


def _label(reading: Reading) -> str:
    return f"{reading.metric}: {group_text(reading.dims)}" if reading.dims else reading.metric


def _cell(reading: Reading | None) -> str:
    if reading is None:
        return "-"
    unit = f" {reading.unit}" if reading.unit and reading.value is not None else ""
    delta = reading.delta_percent
    change = "" if delta is None else f" [dim]({delta:+.1f} %)[/]"
    building = " [yellow]building[/]" if reading.building else ""
    return f"{format_number(reading.value)}{escape(unit)}{change}{building}"


def _local(moment: datetime | None, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).isoformat(" ", "seconds") if moment else "never"
