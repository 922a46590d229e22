"""`kpi-pipeline outbox`: what was sent, what waits, what was given up; and sending it again."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from rich.markup import escape
from rich.table import Table

from kpi_pipeline.cli.common import assembly, screen, spec_option
from kpi_pipeline.compute.course import OVERTAKEN
from kpi_pipeline.compute.numbers import format_age, format_minute
from kpi_pipeline.model.declaration.durations import parse_duration
from kpi_pipeline.model.outbox import WAITING, Entry, OutboxState
from kpi_pipeline.pipeline.deliver import LEASE
from kpi_pipeline.ports.delivery import Outbox

WORDS = {
    OutboxState.PENDING: "[yellow]pending[/]",
    OutboxState.SENDING: "[yellow]sending[/]",
    OutboxState.SENT: "[green]sent[/]",
    OutboxState.DEAD: "[red]dead[/]",
    OutboxState.SUPERSEDED: "[dim]superseded[/]",
}


@click.group("outbox", invoke_without_command=True)
@click.pass_context
@spec_option
@click.option("--since", default="24h", help="How far back, such as 2h or 7d (24h).")
@click.option(
    "--state",
    "states",
    multiple=True,
    type=click.Choice([state.value for state in OutboxState]),
    help="Only messages that stand so; may be repeated.",
)
def outbox_command(
    context: click.Context, file: Path | None, since: str, states: tuple[str, ...]
) -> None:
    """Show the messages of the last day: where each went, and why one did not."""
    parts = assembly(file)
    context.obj = parts.outbox
    if context.invoked_subcommand is not None:
        return
    wanted = frozenset(OutboxState(state) for state in states)
    found = parts.outbox.entries(_duration(since), wanted)
    console = screen()
    if found:
        console.print(_drawn(found, parts.spec.timezone))
    else:
        console.print(f"No such message in the last {since}.")
    if any(entry.state in WAITING for entry in found):
        console.print(_next(parts.outbox))


@outbox_command.command("resend")
@click.pass_obj
@click.argument("ids", nargs=-1, type=int)
@click.option("--dead", is_flag=True, help="All that were given up.")
def resend_command(outbox: Outbox, ids: tuple[int, ...], *, dead: bool) -> None:
    """Queue messages again, by the numbers that `outbox` shows, or all that were given up.

    The next run or tick sends them. A message that was sent is sent once more, unless a later one
    of its episode was sent since: it would tell of a problem that is over, or was milder.
    """
    if bool(ids) == dead:
        raise click.UsageError("say which: their numbers, or --dead")
    found = outbox.resend(ids)
    missing = sorted(set(ids) - {*found.queued, *found.overtaken})
    if found.queued or not missing:
        click.echo(f"queued again: {_numbers(found.queued)}")
    if found.overtaken:
        click.echo(f"left out, because {OVERTAKEN}: {_numbers(found.overtaken)}")
    if missing:
        raise click.UsageError(f"not there, or being sent: {_numbers(missing)}")


def _numbers(ids: Sequence[int]) -> str:
    return ", ".join(map(str, ids)) or "none"


def _drawn(found: Sequence[Entry], zone: ZoneInfo) -> Table:
    table = Table("No.", "Decided", "Rule", "Channel", "State", "Message", "Why")
    for entry in found:
        table.add_row(
            str(entry.id),
            format_minute(entry.created_at, zone),
            escape(entry.notice.rule),
            escape(entry.channel),
            WORDS[entry.state],
            escape(entry.notice.text),
            escape(_why(entry)),
        )
    return table


def _why(entry: Entry) -> str:
    tried = f" (tried {entry.attempts} times)" if entry.attempts > 1 else ""
    instead = f"in place of {entry.stands_for}" if entry.stands_for else ""
    return "; ".join(filter(None, (instead, f"{entry.error}{tried}".strip())))


def _next(outbox: Outbox) -> str:
    wait = outbox.soonest(LEASE)
    if wait is None or wait <= timedelta(0):
        return "the next run sends what waits"
    return f"the next can be tried in {format_age(wait)}"


def _duration(text: str) -> timedelta:
    try:
        return parse_duration(text)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--since") from None
