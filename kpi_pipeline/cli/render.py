"""Snapshots as people read them in a terminal."""

from datetime import datetime
from zoneinfo import ZoneInfo

from rich.markup import escape
from rich.table import Table

from kpi_pipeline.compute.building import filled_text
from kpi_pipeline.compute.messages import group_text
from kpi_pipeline.compute.numbers import format_age
from kpi_pipeline.compute.table import KpiTable, kpi_table
from kpi_pipeline.model.episode import Evidence, Phase, Verdict
from kpi_pipeline.model.snapshot import Published, Snapshot

MOST_RULES = 30
WORDS = {
    Evidence.BREACH: "[red]breach[/]",
    Evidence.HOLD: "[yellow]hold[/]",
    Evidence.CLEAR: "[green]ok[/]",
    Evidence.MISSING: "[dim]no evidence[/]",
}


def draw_kpis(snapshot: Snapshot) -> Table:
    """Every KPI over every window, with the change against its comparison."""
    title = f"{snapshot.pipeline}, revision {snapshot.revision}"
    return draw_table(kpi_table(snapshot), title)


def draw_table(found: KpiTable, title: str, head: str = "KPI") -> Table:
    """Rows and columns of text."""
    table = Table(head, title=title)
    for window in found.windows:
        table.add_column(window, justify="right")
    for label, cells in found.rows:
        table.add_row(escape(label), *map(escape, cells))
    if found.left_out:
        table.caption = f"{found.left_out:,} more"
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
    if snapshot.filled:
        lines.append(f"building     {filled_text(snapshot.filled)}")
    if snapshot.future_rows:
        lines.append(f"future rows  {snapshot.future_rows:,} wait for their time")
    return "\n".join(lines)


def draw_rules(published: Published) -> Table:
    """Every rule's verdict and where its alert stands."""
    table = Table("Rule", "Verdict", "Alert", "Why", title="Rules")
    for verdict in published.verdicts[:MOST_RULES]:
        table.add_row(_rule(verdict), WORDS[verdict.evidence], _phase(verdict), _why(verdict))
    return table


def _rule(verdict: Verdict) -> str:
    group = f" ({group_text(verdict.dims)})" if verdict.dims else ""
    return escape(f"{verdict.rule}{group}")


def _phase(verdict: Verdict) -> str:
    return "-" if verdict.phase is Phase.OK else f"{verdict.phase.value} {verdict.level.value}"


def _why(verdict: Verdict) -> str:
    return escape(verdict.reason)


def _local(moment: datetime | None, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).isoformat(" ", "seconds") if moment else "never"
