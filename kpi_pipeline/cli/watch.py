"""The dead man's switch: asks the state database alone, and needs nothing else to be alive."""

from datetime import timedelta
from pathlib import Path

import click

from kpi_pipeline.cli.common import declared, load_spec, settings
from kpi_pipeline.compute.vigil import vigil
from kpi_pipeline.model.errors import KpiError
from kpi_pipeline.store.engine import state_engine
from kpi_pipeline.store.pulse import PostgresPulse


def watch(file: Path | None, most: timedelta) -> bool:
    """Print a line about each pipeline, and tell whether all of them are alive.

    Args:
        file: Of one pipeline; None for all that are declared.
        most: How old the last sign of life may be.
    """
    names = [load_spec(each).name for each in ([file] if file else declared())]
    if not names:
        click.echo("no pipeline is declared")
    alive = {name: _watch(name, most) for name in names}  # each is told, whatever the first is
    return bool(alive) and all(alive.values())


def _watch(name: str, most: timedelta) -> bool:
    try:
        engine = state_engine(settings().state_url or "")
        try:
            alive, sentence = vigil(name, PostgresPulse(engine, name).life(), most)
        finally:
            engine.dispose()
    except KpiError as error:
        alive, sentence = False, f"{name}: {error}"
    click.echo(sentence)
    return alive
