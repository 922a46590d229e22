"""`kpi-pipeline audit`: is every number equal to the source?"""

import sys
import time
from datetime import timedelta
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from kpi_pipeline.assembly import Assembly
from kpi_pipeline.cli.common import assembly, load_spec, moment_of, screen, spec_option
from kpi_pipeline.cli.render import draw_table
from kpi_pipeline.compute.reconciliation import audit_sentence, drift_table
from kpi_pipeline.model.audit import Audit
from kpi_pipeline.pipeline import audit as use_case
from kpi_pipeline.pipeline.advance import advance
from kpi_pipeline.pipeline.scope import Scope

NO_END = timedelta(days=3650)
COLUMNS = (
    TextColumn("comparing"),
    BarColumn(),
    TaskProgressColumn(),
    TextColumn("{task.fields[drifted]:,} values differ"),
    TimeElapsedColumn(),
)


@click.command("audit")
@spec_option
@click.option("--since", help="Compare from this moment on. Default: all of history.")
@click.option("--repair", is_flag=True, help="Fold again what differs, and compare once more.")
@click.option(
    "--seconds", type=click.FloatRange(min=0), help="Stop after this long. Default: when done."
)
def audit_command(
    file: Path | None, since: str | None, seconds: float | None, *, repair: bool
) -> None:
    """Hold the state against the source: count, sums, least, greatest and distinct, by bucket.

    Exit code 1 if anything differs (and was not repaired).
    """
    zone = load_spec(file).timezone
    start = None if since is None else moment_of(since, zone)
    parts, console = assembly(file), screen()
    budget = NO_END if seconds is None else timedelta(seconds=seconds)
    scope = Scope(since=start, repair=repair)
    found = _audit(parts, scope, budget, console)
    _tell(found, parts, console)
    if repair and not found.reconciles:
        _fold(parts, budget, console)
        found = _audit(parts, scope, budget, console)
        _tell(found, parts, console)
    sys.exit(0 if found.reconciles else 1)


def _audit(parts: Assembly, scope: Scope, budget: timedelta, console: Console) -> Audit:
    with Progress(*COLUMNS, console=console, transient=True) as bar:
        task = bar.add_task("audit", total=None, drifted=0)

        def report(step: use_case.AuditProgress) -> None:
            done, left = step.done_minutes, step.left_minutes
            bar.update(task, completed=done, total=done + left, drifted=step.drifted)

        return use_case.audit(
            parts.spec,
            parts.source,
            parts.store,
            scope,
            budget=budget,
            clock=time.monotonic,
            progress=report,
        )


def _fold(parts: Assembly, budget: timedelta, console: Console) -> None:
    outcome = advance(parts.spec, parts.source, parts.store, budget=budget, clock=time.monotonic)
    console.print(f"folded {outcome.rows:,} rows again")


def _tell(found: Audit, parts: Assembly, console: Console) -> None:
    colour = "green" if found.reconciles else "red"
    sentence = audit_sentence(found, parts.spec.timezone)
    console.print(f"[{colour}]{sentence}[/]", soft_wrap=True, highlight=False)
    if not found.reconciles and not found.queued:
        console.print("To mend it: `kpi-pipeline audit --repair`.")
    if found.drifts:
        console.print(draw_table(drift_table(found, parts.spec.timezone), "Drift"))
