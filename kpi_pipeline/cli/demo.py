"""`kpi-pipeline demo`: the demo shop, a year of real baskets and live sales."""

import click
from rich.console import Console

from kpi_pipeline.cli.common import settings
from kpi_pipeline.embedded.shop import run_shop
from kpi_pipeline.model.errors import SourceError


@click.command("demo")
@click.option(
    "--rate",
    type=click.FloatRange(min=0),
    help="Sales a second; 0 only loads the year. Default: KPI_DEMO_RATE.",
)
def demo_command(rate: float | None) -> None:
    """Fill the source's `transactions` table if it is empty, then sell until Ctrl-C.

    The table is created in KPI_SOURCE_URL if that is set, else in the embedded database.
    """
    found = settings()
    if found.source_url is None:
        raise SourceError("set KPI_SOURCE_URL to the database that the shop may write to")
    speed = found.demo_rate if rate is None else rate
    run_shop(found.source_url, rate=speed, console=Console())
