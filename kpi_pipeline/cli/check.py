"""`kpi-pipeline check`: is the declaration right, and does it fit the database?"""

from pathlib import Path

import click
from rich.console import Console

from kpi_pipeline.cli.common import load_spec, settings, spec_file, spec_option
from kpi_pipeline.compute.rules import rules_of
from kpi_pipeline.compute.windows import minute_days
from kpi_pipeline.model.errors import SourceError
from kpi_pipeline.model.notice import Level
from kpi_pipeline.source.open import open_source


@click.command("check")
@spec_option
@click.option("--connect", is_flag=True, help="Also hold it against the source's table.")
def check_command(file: Path | None, *, connect: bool) -> None:
    """Check a declaration; errors name file and line."""
    spec = load_spec(file)
    console = Console()
    console.print(
        f"{spec_file(file)}: {len(spec.metrics)} metrics, {len(spec.windows)} windows, "
        f"{len(spec.thresholds)} thresholds: [green]ok[/]",
        soft_wrap=True,
    )
    silent = [rule.name for rule in rules_of(spec) if not rule.channels(Level.CRITICAL)]
    if silent:
        console.print(
            f"[yellow]nobody is told[/] of {', '.join(silent)}: without `notify` a rule shows in "
            "its check alone",
            soft_wrap=True,
        )
    console.print(f"minutes are kept for {minute_days(spec)} days, longer history as whole days")
    if not connect:
        return
    url = settings().source_url
    if url is None:
        raise SourceError("set KPI_SOURCE_URL to the database that holds the table")
    source = open_source(spec, url)
    report = source.inspect()
    source.close()
    console.print(f"{spec.source.table}: every column is there: [green]ok[/]")
    for warning in report.warnings:
        console.print(f"[yellow]warning:[/] {warning}", soft_wrap=True)
