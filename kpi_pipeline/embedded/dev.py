"""What `make dev` starts, where, and how that is told once it is there."""

import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPException
from pathlib import Path

from rich.console import Console

from kpi_pipeline.embedded.shop import DEFAULT_RATE

HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dev:
    """What to run.

    Attributes:
        home: The embedded cluster's folder.
        environment: What the children see, beside KPI_HOME.
        embedded: Whether anything needs the embedded PostgreSQL.
        shop: Whether to run the demo shop in it.
        port: Where Dagster's UI listens, on this machine only.
        page_port: Where the live page listens, likewise; None for no page.
        rate: The shop's sales a second.
        pipelines: Names of the declared pipelines, to point at.
    """

    home: Path
    environment: Mapping[str, str]
    embedded: bool = True
    shop: bool = True
    port: int = 3000
    page_port: int | None = None
    rate: float = DEFAULT_RATE
    pipelines: tuple[str, ...] = ("sales",)

    @property
    def url(self) -> str:
        """Dagster's UI."""
        return f"http://{HOST}:{self.port}"

    @property
    def page(self) -> str | None:
        """The live page, if there is one."""
        return None if self.page_port is None else f"http://{HOST}:{self.page_port}"


def answers(url: str, path: str = "/server_info") -> bool:
    """Whether a server answers there; the path is that of Dagster's UI."""
    try:
        with urllib.request.urlopen(f"{url}{path}", timeout=1) as reply:  # noqa: S310  http
            return bool(reply.status == HTTPStatus.OK)
    except (OSError, HTTPException):
        return False


def announce(dev: Dev, console: Console) -> None:
    """Say where to look."""
    lines = (
        *([("Page", dev.page, "the KPIs, live")] if dev.page else []),
        *(
            ("KPIs", f"{dev.url}/assets/{name}/kpi_snapshot", "see kpis, then Plots and Checks")
            for name in dev.pipelines
        ),
        ("Sensor", f"{dev.url}/automation", "each tick, and the cursor that you may set"),
        ("Runs", f"{dev.url}/runs", "what was computed, when"),
    )
    console.rule("Ready")
    for name, url, what in lines:
        console.print(f"  {name:<10} [link={url}]{url}[/link]  [dim]{what}[/]", soft_wrap=True)
    kept = f"; the data stays in {dev.home}" if dev.embedded else ""
    console.print(f"  Stop with Ctrl-C{kept}", soft_wrap=True)
