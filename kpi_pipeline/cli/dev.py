"""`kpi-pipeline dev`: everything that a first look needs, in one terminal."""

import os
import sys
from contextlib import closing

import click
from rich.console import Console
from rich.markup import escape

from kpi_pipeline.assembly import channels
from kpi_pipeline.cli.common import declared, load_spec
from kpi_pipeline.config import Settings, read_settings
from kpi_pipeline.embedded.dev import Dev
from kpi_pipeline.embedded.supervisor import run_dev
from kpi_pipeline.model.errors import KpiError
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.source.open import open_source


@click.command("dev")
def dev_command() -> None:
    """Start PostgreSQL, the demo shop, Dagster's UI and the live page; Ctrl-C stops them all.

    With KPI_SOURCE_URL set, the demo shop stays closed and your own table is read.
    """
    found = read_settings(os.environ)
    console = Console()
    specs = [load_spec(path) for path in declared()]
    channels(found, frozenset().union(*(spec.channels for spec in specs)))
    for spec in specs:
        _warn(spec, found, console)
    urls = (found.source_url, found.state_url, os.environ.get("DAGSTER_STORAGE_URL"))
    dev = Dev(
        home=found.home,
        environment=os.environ,
        embedded=not all(urls),
        shop=found.source_url is None,
        port=found.port,
        page_port=found.dashboard_port,
        rate=found.demo_rate,
        pipelines=tuple(spec.name for spec in specs),
    )
    sys.exit(run_dev(dev, console))


def _warn(spec: PipelineSpec, found: Settings, console: Console) -> None:
    """Say before the start what each tick would say after it; a database may come up later."""
    if found.source_url is None:
        return
    try:
        source = open_source(spec, found.source_url)
        with closing(source):
            warnings: tuple[str, ...] = source.inspect().warnings
    except KpiError as error:
        warnings = (str(error),)
    for warning in warnings:
        console.print(f"[yellow]{spec.name}:[/] {escape(warning)}", soft_wrap=True)
