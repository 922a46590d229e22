"""`kpi-pipeline doctor`: what is missing or dangerous, and what mends it."""

import sys
from datetime import timedelta
from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from kpi_pipeline.cli.clinic import examine
from kpi_pipeline.cli.common import load_spec, settings, spec_option
from kpi_pipeline.cli.watch import watch
from kpi_pipeline.model.declaration.durations import parse_duration
from kpi_pipeline.model.finding import Finding, Severity

WORDS = {
    Severity.OK: "[green]ok[/]",
    Severity.WARNING: "[yellow]warning[/]",
    Severity.PROBLEM: "[red]problem[/]",
}


def _duration(_: click.Context, __: click.Parameter, text: str | None) -> timedelta | None:
    try:
        return None if text is None else parse_duration(text)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


@click.command("doctor")
@spec_option
@click.argument("name", type=click.Path(path_type=Path), required=False)
@click.option(
    "--max-age",
    callback=_duration,
    help="Only tell whether the last sign of life is younger, such as 5m: for cron elsewhere.",
)
def doctor_command(file: Path | None, name: Path | None, max_age: timedelta | None) -> None:
    """Look over both databases and the settings; folds nothing and mends nothing.

    The exit code is 1 if something does not work, 0 if it does, warnings or not. NAME is the same
    as --spec.

    With --max-age it prints one line a pipeline, and the exit code is 1 if one of them is dead:
    nothing was published, and no look went well, for so long.
    """
    if max_age is not None:
        sys.exit(0 if watch(file or name, max_age) else 1)
    file = file or name
    findings = examine(load_spec(file), settings())
    console = Console()
    console.print(_drawn(findings))
    mended = [finding for finding in findings if finding.remedy]
    for finding in mended:
        console.print(f"[bold]{escape(finding.subject)}[/], to mend it:", highlight=False)
        click.echo(_indented(finding.remedy))
    counts = {level: sum(1 for f in findings if f.level is level) for level in Severity}
    console.print(", ".join(f"{count} {level.value}" for level, count in counts.items()))
    sys.exit(1 if counts[Severity.PROBLEM] else 0)


def _drawn(findings: tuple[Finding, ...]) -> Table:
    table = Table("", "Looked at", "Found")
    for finding in findings:
        table.add_row(WORDS[finding.level], escape(finding.subject), escape(finding.what))
    return table


def _indented(remedy: str) -> str:
    return "\n".join(f"  {line}" for line in remedy.splitlines())
