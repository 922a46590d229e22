"""The demo shop: a year of history, then live sales.

`python -m kpi_pipeline.embedded.shop URL` runs it until Ctrl-C.
"""

import argparse
import signal
import sys
import threading
from collections.abc import Callable
from random import Random

import psycopg
from rich.console import Console

from kpi_pipeline.embedded.shop_history import load_history
from kpi_pipeline.embedded.shop_traffic import run_traffic
from kpi_pipeline.model.errors import KpiError

DEFAULT_RATE = 3.0


class ShopError(KpiError):
    """The demo shop cannot open."""


def run_shop(url: str, *, rate: float = DEFAULT_RATE, console: Console) -> None:
    """Fill the shop's table if it is empty, then sell until SIGINT or SIGTERM.

    Args:
        url: The database, as `postgresql+psycopg://` or `postgresql://`.
        rate: Sales a second; 0 loads the history and returns.
        console: Shows progress.

    Raises:
        ShopError: The database does not answer, or does not take the history.
        DemoMissingError: The data package is not installed.
    """
    _on_request(lambda: sys.exit(0))  # the year is one transaction: half of it is nothing
    fill_shop(url, console)
    stop = threading.Event()
    _on_request(stop.set)
    if rate > 0:
        run_traffic(_dsn(url), rate=rate, random=Random(), stop=stop, console=console)  # noqa: S311  not a secret


def _on_request(end: Callable[[], None]) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: end())


def _dsn(url: str) -> str:
    return url.replace("postgresql+psycopg://", "postgresql://", 1)


def fill_shop(url: str, console: Console) -> None:
    """Load the year if the table is empty, and say so; raises like `run_shop`."""
    try:
        with psycopg.connect(_dsn(url), autocommit=True, connect_timeout=10) as connection:
            rows = load_history(connection, console)
    except psycopg.Error as error:
        raise ShopError(
            f"The demo shop cannot fill its table: {error}. Check that the database answers "
            "and that its user may create tables in the schema public."
        ) from error
    if rows:
        console.print(f"[dim]shop:[/] loaded {rows:,} baskets of the last year")


def main(arguments: list[str]) -> int:
    """Run the shop in this process until SIGINT or SIGTERM."""
    parser = argparse.ArgumentParser(prog="shop", description=__doc__)
    parser.add_argument("url")
    parser.add_argument("--rate", type=float, default=DEFAULT_RATE, help="sales a second")
    options = parser.parse_args(arguments)
    console = Console(stderr=True)
    try:
        run_shop(options.url, rate=options.rate, console=console)
    except KpiError as error:
        console.print(f"[red]shop:[/] {error}", highlight=False)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
