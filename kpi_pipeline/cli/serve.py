"""`kpi-pipeline serve`: the live page and the API."""

import socket
from collections.abc import Iterable
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path

import click
from rich.console import Console

from kpi_pipeline.assembly import open_bell, open_board
from kpi_pipeline.cli.common import declared, load_spec, settings, spec_file, spec_option
from kpi_pipeline.cli.saves import Saves
from kpi_pipeline.config import Settings
from kpi_pipeline.dashboard.access import Access, is_loopback
from kpi_pipeline.dashboard.app import create_app
from kpi_pipeline.dashboard.hub import Hub
from kpi_pipeline.dashboard.redis_open import open_redis
from kpi_pipeline.dashboard.server import end_when_asked, listen, run
from kpi_pipeline.dashboard.token import FILE, kept_token
from kpi_pipeline.model.spec import PipelineSpec


@click.command("serve")
@click.option("--host", help="Where to listen; elsewhere than on this machine the token is wanted.")
@click.option("--port", type=click.IntRange(1, 65535), help="8787 if not said.")
@partial(spec_option, default="all that are declared")
def serve_command(host: str | None, port: int | None, file: Path | None) -> None:
    """Serve the live page and the API, of every declared pipeline or of one.

    It reads the state database alone, and the source where rows are asked for. Stop it with
    Ctrl-C. A declaration that is saved, or a new one, counts within seconds.
    """
    end_when_asked()
    found = settings()
    saves = Saves(
        lambda: [spec_file(file)] if file else declared(), lambda path: _usable(path, found)
    )
    if not saves.specs:
        raise click.UsageError("no pipeline is declared")
    host, port = host or found.dashboard_host, port or found.dashboard_port
    access = _access(found, host)
    with listen(host, port) as place:
        _tell(Console(), saves.specs.values(), found, f"http://{_shown(host)}:{port}")
        while _serve(saves, found, access, place):
            names = ", ".join(spec.name for spec in saves.specs.values())
            Console().print(f"What was saved holds now: {names}", soft_wrap=True, markup=False)


def _usable(path: Path, found: Settings) -> PipelineSpec:
    """A declaration that a board can be opened for; nothing is connected to yet."""
    spec = load_spec(path)
    open_board(spec, found).close()
    return spec


def _serve(saves: Saves, found: Settings, access: Access, place: socket.socket) -> bool:
    """Serve by what is declared now; whether something else is by the end."""
    with ExitStack() as stack:
        opened = (open_board(spec, found) for spec in saves.specs.values())
        boards = [stack.enter_context(closing(board)) for board in opened]
        publisher = open_redis(found.redis_url) if found.redis_url else None
        hub = Hub(boards, open_bell(found))

        def changed() -> bool:
            other = saves.look()
            hub.warn(saves.faults)
            return other

        hub.warn(saves.faults)
        return run(
            create_app(boards, hub.bell, access, hub=hub, publisher=publisher), place, changed
        )


def _access(found: Settings, host: str) -> Access:
    """On this machine the token is for actions alone; elsewhere nothing goes without it."""
    token = found.dashboard_token or kept_token(found.home)
    return Access(token=token, loopback=is_loopback(host), hosts=found.dashboard_hosts)


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _tell(console: Console, specs: Iterable[PipelineSpec], found: Settings, url: str) -> None:
    where = "KPI_DASHBOARD_TOKEN" if found.dashboard_token else str(found.home / FILE)
    names = ", ".join(spec.name for spec in specs)
    console.print(f"KPIs of {names}: {url}", soft_wrap=True, markup=False)
    console.print(f"The token to sign in with, at {url}/login, is in {where}", soft_wrap=True)
