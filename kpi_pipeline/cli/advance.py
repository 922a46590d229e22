"""`kpi-pipeline advance`: fold what changed, publish, send what is due."""

import time
from datetime import timedelta
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from kpi_pipeline.assembly import Assembly
from kpi_pipeline.cli.common import assembly, screen, spec_option
from kpi_pipeline.cli.render import clocks, draw_kpis
from kpi_pipeline.compute.building import filled_text
from kpi_pipeline.model.errors import KpiError
from kpi_pipeline.pipeline import advance as use_case
from kpi_pipeline.pipeline.deliver import Delivered, deliver
from kpi_pipeline.pipeline.failures import note_failure, note_success

DELIVERY_BUDGET = timedelta(seconds=20)
NO_END = timedelta(days=3650)


@click.command("advance")
@spec_option
@click.option(
    "--seconds", type=click.FloatRange(min=0), help="Stop after this long. Default: when done."
)
@click.option("--sweep", is_flag=True, help="Find updates of old rows too; reads the whole table.")
def advance_command(file: Path | None, seconds: float | None, *, sweep: bool) -> None:
    """Fold what changed in the source, publish a snapshot, send due alerts.

    May be killed at any moment and run any number of times: nothing is lost or counted twice.
    """
    console = screen()
    parts = assembly(file)
    budget = NO_END if seconds is None else timedelta(seconds=seconds)
    try:
        outcome = _fold(parts, budget, console, sweep=sweep)
    except KpiError as error:
        note_failure(parts.pulse, parts.spec, error)
        _deliver(parts)  # what was decided before, and that this failed
        raise
    if outcome.failure is not None:
        note_failure(parts.pulse, parts.spec, outcome.failure)
    elif outcome.folded_by_us:
        note_success(parts.pulse, parts.spec, outcome.tick)
    _tell(outcome, _deliver(parts), parts, console)
    if outcome.failure is not None:
        raise outcome.failure


def _deliver(parts: Assembly) -> Delivered:
    return deliver(
        parts.outbox,
        parts.notifiers,
        budget=DELIVERY_BUDGET,
        clock=time.monotonic,
        rest=time.sleep,
        spec=parts.spec,
    )


def _fold(parts: Assembly, budget: timedelta, console: Console, *, sweep: bool) -> use_case.Outcome:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[rows]:,} rows"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("folding", total=None, rows=0)

        def report(step: use_case.Progress) -> None:
            done, left = step.folded_minutes, step.left_minutes
            doing = f"building {filled_text(step.filled)}" if step.filled else "folding"
            total = max(done + left, 1)
            bar.update(task, completed=done, total=total, rows=step.rows, description=doing)

        return use_case.advance(
            parts.spec,
            parts.source,
            parts.store,
            budget=budget,
            clock=time.monotonic,
            progress=report,
            sweep=sweep,
        )


def _tell(
    outcome: use_case.Outcome, delivered: Delivered, parts: Assembly, console: Console
) -> None:
    if not outcome.folded_by_us:
        console.print("[yellow]Another process is folding right now; this is what it published.")
    if outcome.published is not None:
        console.print(draw_kpis(outcome.published.snapshot))
        console.print(clocks(outcome.published.snapshot, parts.spec.timezone))
    console.print(f"folded {outcome.rows:,} rows in {outcome.steps} steps")
    if outcome.everything is not None:
        console.print(f"everything is folded again: {outcome.everything}")
    for warning in outcome.report.warnings if outcome.report else ():
        console.print(f"[yellow]warning:[/] {warning}", soft_wrap=True)
    if outcome.report and outcome.report.undated:
        console.print(f"[yellow]warning:[/] {outcome.report.undated:,} rows have no event time")
    for sentence in delivered.sent:
        console.print(f"alert sent: {sentence}", markup=False)
    for sentence in delivered.failed:
        console.print(f"alert not sent yet: {sentence}", markup=False)
