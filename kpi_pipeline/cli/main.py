"""The `kpi-pipeline` command: the same use cases as in Dagster, without Dagster.

Exit codes: 0 done, 1 a database or another part could not do it, 2 the command or the
declaration is wrong.
"""

import sys
from importlib import import_module

import click
from rich.console import Console

from kpi_pipeline.model.errors import KpiError, SourceError, SpecError

COMMANDS = {
    "ack": "ack",
    "advance": "advance",
    "audit": "audit",
    "check": "check",
    "demo": "demo",
    "dev": "dev",
    "doctor": "doctor",
    "episodes": "episodes",
    "explain": "explain",
    "ledger": "ledger",
    "mute": "mute",
    "notify-test": "notify_test",
    "outbox": "outbox",
    "replay": "replay",
    "rewind": "rewind",
    "schema": "schema",
    "serve": "serve",
    "status": "status",
    "test": "test",
    "unmute": "mute",
}
"""The module of each command."""


class Commands(click.Group):
    """Imports the command that is run and no other: all of them take seconds."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Their names, for help."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """A command by its name; None if there is none."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"kpi_pipeline.cli.{COMMANDS[cmd_name]}")
        found: click.Command = getattr(module, f"{cmd_name.replace('-', '_')}_command")
        return found


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="kpi-pipeline")
def cli() -> None:
    """Exact, incremental KPIs from the database you already have.

    Databases come from KPI_SOURCE_URL and KPI_STATE_URL; without them an embedded PostgreSQL
    in KPI_HOME (.kpi) is used.
    """


def main() -> None:
    """Run the command; an error that a person can act on is a line, not a traceback."""
    try:
        cli.main(standalone_mode=False)
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except click.Abort:
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except KpiError as error:
        console = Console(stderr=True)
        console.print(f"[red]error:[/] {_escaped(error)}", soft_wrap=True)
        if isinstance(error, SourceError):
            console.print("`kpi-pipeline doctor` says what is missing, and what mends it.")
        sys.exit(2 if isinstance(error, SpecError) else 1)


def _escaped(error: KpiError) -> str:
    return str(error).replace("[", r"\[")
