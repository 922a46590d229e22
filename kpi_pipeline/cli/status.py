"""`kpi-pipeline status`: what was folded, how old it is, what is wrong."""

from pathlib import Path

import click
from rich.console import Console

from kpi_pipeline.cli.common import assembly, spec_option
from kpi_pipeline.cli.render import clocks, draw_kpis, draw_rules
from kpi_pipeline.model.errors import StateError
from kpi_pipeline.pipeline.deliver import LEASE


@click.command("status")
@spec_option
def status_command(file: Path | None) -> None:
    """Show the last snapshot, its clocks, its rules and the messages that wait."""
    parts = assembly(file)
    console = Console()
    published = parts.store.latest()
    if published is None:
        raise StateError("nothing was folded yet; run `kpi-pipeline advance`")
    console.print(draw_kpis(published.snapshot))
    console.print(draw_rules(published))
    console.print(clocks(published.snapshot, parts.spec.timezone))
    if parts.store.busy():
        console.print("a run is folding right now")
    waiting = parts.outbox.due(LEASE)
    if waiting:
        console.print(f"[yellow]{waiting} messages wait to be sent")
