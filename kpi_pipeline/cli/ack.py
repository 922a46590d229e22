"""`kpi-pipeline ack`: take an alert over, so that nobody is reminded of it."""

from collections.abc import Sequence
from pathlib import Path

import click
from rich.console import Console

from kpi_pipeline.cli.common import assembly, spec_option
from kpi_pipeline.cli.rules import check_rule, whoever, with_no_data
from kpi_pipeline.compute.log import groups_named
from kpi_pipeline.compute.messages import group_text
from kpi_pipeline.compute.table import label
from kpi_pipeline.model.declaration.nearest import did_you_mean
from kpi_pipeline.model.episode import Episode, Phase


@click.command("ack")
@click.argument("rule")
@click.option("--group", help="One group alone: its values, with commas. Default: all that fire.")
@spec_option
def ack_command(rule: str, group: str | None, file: Path | None) -> None:
    """Take over what fires of RULE: no reminders from now on, unless it gets worse."""
    parts, console = assembly(file), Console()
    desk = parts.store.desk()
    names = with_no_data(parts.spec, check_rule(parts.spec, rule))
    firing = [e for e in desk.episodes() if e.rule in names and e.phase is Phase.FIRING]
    taken = 0
    for episode in firing if group is None else _of_group(group, firing):
        why = f"acknowledged by {whoever()}" if whoever() else "acknowledged"
        if desk.acknowledge(episode, why):
            taken += 1
            said = f"{label(episode.rule, episode.dims)} no. {episode.number} is acknowledged"
            console.print(said, markup=False, soft_wrap=True)
    if not taken:
        console.print(f"{rule}: nothing fires that is not acknowledged", markup=False)


def _of_group(text: str, firing: Sequence[Episode]) -> list[Episode]:
    meant = groups_named(text, firing)
    if not meant:
        known = [group_text(episode.dims) for episode in firing if episode.dims]
        raise click.BadParameter(f"no group {text!r} fires{did_you_mean(text, known)}")
    return [episode for episode in firing if episode.dims in meant]
