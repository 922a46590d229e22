"""`kpi-pipeline episodes`: every change of every alert, why, and why nobody was told."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from rich.console import Console

from kpi_pipeline.assembly import Assembly
from kpi_pipeline.cli.common import assembly, moment_of, spec_option
from kpi_pipeline.cli.mute import duration_of
from kpi_pipeline.cli.render import draw_table
from kpi_pipeline.cli.rules import check_rule, with_no_data
from kpi_pipeline.compute.log import log_table, silenced, standing
from kpi_pipeline.compute.messages import key_of
from kpi_pipeline.compute.rules import rules_of
from kpi_pipeline.model.episode import Episode
from kpi_pipeline.model.outbox import WAITING


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
    waiting = _waiting(parts, wanted)
    stand = (standing(e, zone, waiting.get(key_of(parts.spec.name, e), ())) for e in wanted)
    for line in [*stand, *(silenced(m, zone) for m in desk.mutes())]:
        console.print(line, markup=False, highlight=False, soft_wrap=True)


def _waiting(parts: Assembly, episodes: Sequence[Episode]) -> dict[str, list[str]]:
    """Channels that a message waits for, by the key of its episode."""
    keys = [key_of(parts.spec.name, each) for each in episodes]
    found = parts.store.records().messages(keys) if keys else {}
    return {
        key: [channel for channel, states in messages.items() if WAITING & states]
        for key, messages in found.items()
    }


def since_of(text: str, now: datetime, zone: ZoneInfo) -> datetime:
    """A moment that a person gave, or how long before now.

    Raises:
        BadParameter: It is neither.
    """
    if text[:4].isdigit() and "-" in text:
        return moment_of(text, zone)
    try:
        return now - duration_of(text)
    except click.BadParameter as error:
        raise click.BadParameter(f"{error.message}, or a moment such as 2026-11-24") from None
