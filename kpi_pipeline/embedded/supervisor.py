"""What `make dev` starts: PostgreSQL, the demo shop, Dagster and the page; all ends together."""

import socket
import sys
import time
from pathlib import Path

from rich.console import Console

from kpi_pipeline.embedded.child import Child, stop_all
from kpi_pipeline.embedded.cluster import close_cluster, open_cluster
from kpi_pipeline.embedded.dev import HOST, Dev, announce, answers
from kpi_pipeline.embedded.filelock import try_lock
from kpi_pipeline.embedded.home import Home
from kpi_pipeline.embedded.signals import Signals
from kpi_pipeline.model.errors import KpiError

POLL_SECONDS = 0.3
STOP_SECONDS = 15.0
CLUSTER_CHECK_SECONDS = 5.0
QUIET = "ignore:Function `dev_command` is superseded"
"""Dagster would rather be started as `dg dev`, which needs one more package."""


class PortInUseError(KpiError):
    """Another program listens where Dagster's UI or the page should."""


class AlreadyRunningError(KpiError):
    """Another supervisor runs on the same home."""


def run_dev(dev: Dev, console: Console) -> int:
    """Run everything until Ctrl-C, SIGTERM or the end of a child, then stop everything.

    Dagster reads `dagster.yaml` and `workspace.yaml` from the current folder.

    Returns:
        0 when asked to stop, 1 when a child ended by itself.

    Raises:
        PortInUseError, AlreadyRunningError: Nothing was started.
        ClusterError: The embedded PostgreSQL does not start.
    """
    _require_port(dev.port, "KPI_PORT")
    if dev.page_port is not None:
        _require_port(dev.page_port, "KPI_DASHBOARD_PORT")
    _require_alone(dev.home)
    shop = _open_shop(dev, console)
    signals = Signals()
    signals.listen()
    children: list[Child] = []
    try:
        _start(dev, shop, children, console)
        ended = _watch(dev, children, signals, console)
    finally:
        console.print("Stopping; Ctrl-C again to hurry.")
        stop_all(children, seconds=STOP_SECONDS, hurry=signals.hurry)
        if dev.embedded:
            console.print("Stopping PostgreSQL")
        if dev.embedded and not close_cluster(dev.home, seconds=STOP_SECONDS):
            console.print(f"[yellow]Another process still uses the PostgreSQL in {dev.home}.")
    if ended is not None:
        console.print(f"[red]{ended}, and so everything was stopped; its last words stand above.")
    return 0 if ended is None else 1


def _require_port(port: int, setting: str) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise PortInUseError(
                f"Port {port} is in use. Stop the program that listens there, or choose another "
                f"port with {setting}."
            ) from error


def _require_alone(home: Path) -> None:
    """A second shop would sell into the same table, and a second daemon fight over the ticks.

    The descriptor stays open, and with it the lock, until this process ends.
    """
    if try_lock(Home.at(home).path / "dev.lock", exclusive=True) is None:
        raise AlreadyRunningError(
            f"This already runs on {home}. Stop it first, or choose another folder with KPI_HOME."
        )


def _open_shop(dev: Dev, console: Console) -> str | None:
    """Start the embedded PostgreSQL if it is needed, and say where the demo shop's database is."""
    if not dev.embedded:
        return None
    console.print(f"Starting PostgreSQL in {dev.home}")
    cluster = open_cluster(dev.home)
    return cluster.url("shop") if dev.shop else None


def _start(dev: Dev, shop: str | None, children: list[Child], console: Console) -> None:
    """Start the children; the list grows as they do, so that none is missed when one fails."""
    environment = {**dev.environment, "KPI_HOME": str(dev.home.resolve())}
    environment.setdefault("PYTHONWARNINGS", QUIET)
    if shop is not None:
        words = ["-m", "kpi_pipeline.embedded.shop", shop, "--rate", str(dev.rate)]
        children.append(Child.start("The demo shop", [sys.executable, *words], environment))
    console.print("Starting Dagster")
    words = ["-m", "dagster", "dev", "-h", HOST, "-p", str(dev.port)]
    children.append(Child.start("Dagster", [sys.executable, *words], environment))
    if dev.page_port is not None:
        words = ["-m", "kpi_pipeline.cli", "serve", "--host", HOST, "--port", str(dev.page_port)]
        children.append(Child.start("The page", [sys.executable, *words], environment))


def _watch(dev: Dev, children: list[Child], signals: Signals, console: Console) -> str | None:
    """Until somebody asks to stop, or a child ends: what to say of it."""
    announced = False
    checked = time.monotonic()
    while not signals.stop():
        for child in children:
            code = child.ended()
            if code is not None:
                return f"{child.name} ended by itself with exit code {code}"
        if not announced and answers(dev.url):
            announced = True
            announce(dev, console)
        if dev.embedded and time.monotonic() - checked > CLUSTER_CHECK_SECONDS:
            open_cluster(dev.home, seconds=STOP_SECONDS)  # replaces a keeper that was killed
            checked = time.monotonic()
        time.sleep(POLL_SECONDS)
    return None
