"""`kpi-pipeline episodes`: every change of every alert, why, and why nobody was told."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from rich.console import Console

from kpi_pipeline.cli.common import assembly, moment_of, spec_option
from kpi_pipeline.cli.mute import duration_of
from kpi_pipeline.cli.render import draw_table
from kpi_pipeline.cli.rules import check_rule, with_no_data
from kpi_pipeline.compute.log import log_table, silenced, standing
from kpi_pipeline.compute.rules import rules_of


@click.command("episodes")
@click.option("--since", default="24h", help="How far back (24h), or a moment in business time.")
@click.option("--rule", help="Of this rule alone.")
@click.option("--most", type=click.IntRange(min=1), default=100, help="Changes to show.")
@spec_option
def episodes_command(since: str, rule: str | None, most: int, file: Path | None) -> None:
    """Show what alerts did: each change with its reason, the silent ones too."""
    parts, console = assembly(file), Console()
    zone, desk = parts.spec.timezone, parts.store.desk()
    start = since_of(since, desk.now(), zone)
    rules = None if rule is None else with_no_data(parts.spec, check_rule(parts.spec, rule))
    count, newest = desk.transitions(start, rules, most)
    if newest:
        units = {each.name: each.unit for each in rules_of(parts.spec)}
        table = log_table(newest[::-1], zone, units, left_out=count - len(newest))
        console.print(draw_table(table, "What alerts did", "alert"))
    else:
        console.print("No alert changed.")
    wanted = [e for e in desk.episodes() if rules is None or e.rule in rules]
    for line in [*(standing(e, zone) for e in wanted), *(silenced(m, zone) for m in desk.mutes())]:
        console.print(line, markup=False, highlight=False, soft_wrap=True)


def since_of(text: str, now: datetime, zone: ZoneInfo) -> datetime:
    """A moment that a person gave, or how long before now.

    Raises:
        BadParameter: It is neither.
    """
    if text[:4].isdigit() and "-" in text:
        return moment_of(text, zone)
    return now - duration_of(text)
