"""`kpi-pipeline mute` and `unmute`: silence a rule for a while; it goes on judging."""

from datetime import timedelta
from pathlib import Path

import click
from rich.console import Console

from kpi_pipeline.cli.common import assembly, spec_option
from kpi_pipeline.cli.rules import check_rule, whoever
from kpi_pipeline.compute.log import silenced
from kpi_pipeline.model.declaration.durations import parse_duration
from kpi_pipeline.model.episode import LONGEST_MUTE, Mute


@click.command("mute")
@click.argument("rule")
@click.option("--for", "length", required=True, help="How long: 30m, 2h, 7 days.")
@click.option("--why", default="", help="For whoever wonders.")
@spec_option
def mute_command(rule: str, length: str, why: str, file: Path | None) -> None:
    """Tell nobody of RULE for a while; what still fires then is told when that ends.

    A mute of the same rule is replaced. Ends are told to whoever was told of the beginning.
    """
    lasting = duration_of(length)
    if lasting > LONGEST_MUTE:
        raise click.BadParameter("may be 30 days; take the rule away if nobody wants to hear of it")
    parts = assembly(file)
    desk = parts.store.desk()
    mute = Mute(
        rule=check_rule(parts.spec, rule), until=desk.now() + lasting, why=why, by=whoever()
    )
    desk.mute(mute)
    Console().print(silenced(mute, parts.spec.timezone), soft_wrap=True, markup=False)


@click.command("unmute")
@click.argument("rule")
@spec_option
def unmute_command(rule: str, file: Path | None) -> None:
    """Let RULE speak again; what fires is told at the next tick."""
    parts = assembly(file)
    desk = parts.store.desk()
    muted = [mute.rule for mute in desk.mutes()]
    name = rule if rule in muted else check_rule(parts.spec, rule)
    speaks = "speaks again" if desk.unmute(name) else "was not muted"
    Console().print(f"{name} {speaks}", markup=False)


def duration_of(text: str) -> timedelta:
    """A length of time from the command line.

    Raises:
        BadParameter: It is none, or nothing.
    """
    try:
        found = parse_duration(text)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None
    if not found:
        raise click.BadParameter("must be longer than nothing")
    return found
