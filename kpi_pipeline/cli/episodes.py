"""`kpi-pipeline episodes`: every change of every alert, why, and why nobody was told."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from kpi_pipeline.assembly import Assembly
from kpi_pipeline.cli.common import assembly, moment_of, screen, spec_option
from kpi_pipeline.cli.mute import duration_of
from kpi_pipeline.cli.render import draw_table
from kpi_pipeline.cli.rules import check_rule, with_no_data
from kpi_pipeline.compute.log import log_table, silenced, standing
from kpi_pipeline.compute.messages import keys_of
from kpi_pipeline.compute.rules import rules_of
from kpi_pipeline.compute.told import Told, told_of
from kpi_pipeline.model.episode import Episode


@click.command("episodes")
@click.option("--since", default="24h", help="How far back (24h), or a moment in business time.")
@click.option("--rule", help="Of this rule alone.")
@click.option("--most", type=click.IntRange(min=1), default=100, help="Changes to show.")
@spec_option
def episodes_command(since: str, rule: str | None, most: int, file: Path | None) -> None:
    """Show what alerts did: each change with its reason, the silent ones too."""
    parts, console = assembly(file), screen()
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
    who = _who(parts, wanted)
    stand = (standing(each, zone, knows) for each, knows in zip(wanted, who, strict=True))
    for line in [*stand, *(silenced(m, zone) for m in desk.mutes())]:
        console.print(line, markup=False, highlight=False, soft_wrap=True)


def _who(parts: Assembly, episodes: Sequence[Episode]) -> list[Told]:
    """Who knows of each episode."""
    firing = keys_of(parts.spec.name, episodes)
    found = parts.store.records().messages(firing) if firing else {}
    of_episode = {firing[key]: messages for key, messages in found.items()}
    return [told_of(each.told, of_episode.get(each, {}), parts.logged) for each in episodes]


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
