"""The `kpi-pipeline` command: the same use cases as in Dagster, without Dagster.

Exit codes: 0 done, 1 a database or another part could not do it, 2 the command or the
declaration is wrong.
"""

import sys

import click
from rich.console import Console

from kpi_pipeline.cli.ack import ack_command
from kpi_pipeline.cli.advance import advance_command
from kpi_pipeline.cli.audit import audit_command
from kpi_pipeline.cli.check import check_command
from kpi_pipeline.cli.demo import demo_command
from kpi_pipeline.cli.dev import dev_command
from kpi_pipeline.cli.doctor import doctor_command
from kpi_pipeline.cli.episodes import episodes_command
from kpi_pipeline.cli.explain import explain_command
from kpi_pipeline.cli.ledger import ledger_command
from kpi_pipeline.cli.mute import mute_command, unmute_command
from kpi_pipeline.cli.notify_test import notify_test_command
from kpi_pipeline.cli.outbox import outbox_command
from kpi_pipeline.cli.replay import replay_command
from kpi_pipeline.cli.rewind import rewind_command
from kpi_pipeline.cli.schema import schema_command
from kpi_pipeline.cli.serve import serve_command
from kpi_pipeline.cli.status import status_command
from kpi_pipeline.cli.test import test_command
from kpi_pipeline.model.errors import KpiError, SourceError, SpecError


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="kpi-pipeline")
def cli() -> None:
    """Exact, incremental KPIs from the database you already have.

    Databases come from KPI_SOURCE_URL and KPI_STATE_URL; without them an embedded PostgreSQL
    in KPI_HOME (.kpi) is used.
    """


for command in (
    advance_command,
    status_command,
    rewind_command,
    audit_command,
    ledger_command,
    episodes_command,
    ack_command,
    mute_command,
    unmute_command,
    replay_command,
    explain_command,
    outbox_command,
    check_command,
    schema_command,
    test_command,
    doctor_command,
    notify_test_command,
    serve_command,
    demo_command,
    dev_command,
):
    cli.add_command(command)


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
