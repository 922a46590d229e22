"""`kpi-pipeline status`: what was folded, how old it is, what is wrong."""

from pathlib import Path

import click

from kpi_pipeline.cli.common import assembly, screen, spec_option
from kpi_pipeline.cli.render import clocks, draw_kpis, draw_rules
from kpi_pipeline.compute.reconciliation import audit_sentence
from kpi_pipeline.model.audit import Audit
from kpi_pipeline.model.errors import StateError
from kpi_pipeline.pipeline.deliver import LEASE
from kpi_pipeline.ports.store import Store


@click.command("status")
@spec_option
def status_command(file: Path | None) -> None:
    """Show the last snapshot, its clocks, its rules and the messages that wait."""
    parts = assembly(file)
    console = screen()
    published = parts.store.latest()
    if published is None:
        raise StateError("nothing was folded yet; run `kpi-pipeline advance`")
    console.print(draw_kpis(published.snapshot))
    console.print(draw_rules(published))
    console.print(clocks(published.snapshot, parts.spec.timezone))
    for audit in _audits(parts.store):
        console.print(audit_sentence(audit, parts.spec.timezone), soft_wrap=True, highlight=False)
    if parts.store.busy():
        console.print("a run is folding right now")
    waiting = parts.outbox.due(LEASE)
    if waiting:
        console.print(f"[yellow]{waiting} messages wait to be sent")


def _audits(store: Store) -> list[Audit]:
    """The newest, and the newest of all history if that is another."""
    newest, whole = store.audit(), store.audit(all_history=True)
    return [audit for audit in (newest, None if whole == newest else whole) if audit is not None]
