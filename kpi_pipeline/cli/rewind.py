"""`kpi-pipeline rewind`: fold again from a moment."""

from pathlib import Path

import click
from rich.console import Console

from kpi_pipeline.cli.common import assembly, load_spec, moment_of, spec_option
from kpi_pipeline.pipeline.rewind import rewind

BEGINNING = "beginning"


@click.command("rewind")
@spec_option
@click.option(
    "--to",
    required=True,
    help="A moment in business time, such as 2026-11-01 or 2026-11-24T07:00, or `beginning`.",
)
def rewind_command(file: Path | None, to: str) -> None:
    """Queue everything since a moment to be folded again by the next run.

    Buckets are replaced, never added to, so this cannot count anything twice.
    """
    zone = load_spec(file).timezone
    since = None if to == BEGINNING else moment_of(to, zone, BEGINNING)
    parts = assembly(file)
    queued = rewind(parts.source, parts.store, since, "kpi-pipeline rewind")
    if queued is None:
        Console().print("Nothing was folded or is to be folded since then; nothing to do.")
        return
    start, end = queued.start.astimezone(zone), queued.end.astimezone(zone)
    Console().print(
        f"Queued {start} to {end}. The sensor folds it "
        "at its next tick, or run `kpi-pipeline advance`.",
        soft_wrap=True,
    )
