"""`kpi-pipeline serve`: the live page and the API."""

from collections.abc import Sequence
from pathlib import Path

import click
from rich.console import Console

from kpi_pipeline.assembly import open_bell, open_board
from kpi_pipeline.cli.common import declared, load_spec, settings, spec_option
from kpi_pipeline.config import Settings
from kpi_pipeline.dashboard.access import Access, is_loopback
from kpi_pipeline.dashboard.app import create_app
from kpi_pipeline.dashboard.redis_open import open_redis
from kpi_pipeline.dashboard.server import listen, run
from kpi_pipeline.dashboard.token import FILE, kept_token
from kpi_pipeline.model.spec import PipelineSpec


@click.command("serve")
@click.option("--host", help="Where to listen; elsewhere than on this machine the token is wanted.")
@click.option("--port", type=click.IntRange(1, 65535), help="8787 if not said.")
@spec_option
def serve_command(host: str | None, port: int | None, file: Path | None) -> None:
    """Serve the live page and the API, of every declared pipeline or of one.

    It reads the state database alone, and the source where rows are asked for. Stop it with
    Ctrl-C.
    """
    specs = [load_spec(file)] if file else [load_spec(path) for path in declared()]
    if not specs:
        raise click.UsageError("no pipeline is declared")
    found = settings()
    host, port = host or found.dashboard_host, port or found.dashboard_port
    access = _access(found, host)
    publisher = open_redis(found.redis_url) if found.redis_url else None
    place = listen(host, port)
    boards = [open_board(spec, found) for spec in specs]
    for board in boards:
        click.get_current_context().call_on_close(board.close)
    app = create_app(boards, open_bell(found), access, publisher=publisher)
    _tell(Console(), specs, found, f"http://{_shown(host)}:{port}")
    run(app, place)


def _access(found: Settings, host: str) -> Access:
    """On this machine the token is for actions alone; elsewhere nothing goes without it."""
    token = found.dashboard_token or kept_token(found.home)
    return Access(token=token, loopback=is_loopback(host), hosts=found.dashboard_hosts)


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _tell(console: Console, specs: Sequence[PipelineSpec], found: Settings, url: str) -> None:
    where = "KPI_DASHBOARD_TOKEN" if found.dashboard_token else str(found.home / FILE)
    names = ", ".join(spec.name for spec in specs)
    console.print(f"KPIs of {names}: {url}", soft_wrap=True, markup=False)
    console.print(f"The token to log in with, at {url}/login, is in {where}", soft_wrap=True)
