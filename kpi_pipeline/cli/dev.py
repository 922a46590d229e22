"""`kpi-pipeline dev`: everything that a first look needs, in one terminal."""

import os
import sys

import click
from rich.console import Console

from kpi_pipeline.config import read_settings
from kpi_pipeline.embedded.supervisor import Dev, run_dev


@click.command("dev")
def dev_command() -> None:
    """Start PostgreSQL, the demo shop and Dagster's UI; Ctrl-C stops them all.

    With KPI_SOURCE_URL set, the demo shop stays closed and your own table is read.
    """
    found = read_settings(os.environ)
    urls = (found.source_url, found.state_url, os.environ.get("DAGSTER_STORAGE_URL"))
    dev = Dev(
        home=found.home,
        environment=os.environ,
        embedded=not all(urls),
        shop=found.source_url is None,
        port=found.port,
        rate=found.demo_rate,
    )
    sys.exit(run_dev(dev, Console()))
