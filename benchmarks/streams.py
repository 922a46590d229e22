"""`python -m benchmarks.streams`: many pages open at once, on this machine, for a minute.

The dashboard runs in a process of its own (`streams_server`), which a bell rings each second; this
process holds the clients. It ends by itself, and so does the server, whatever happens.
"""

import asyncio
import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import quantiles

import click
from rich.console import Console
from rich.table import Table

from benchmarks.machine import plain_machine
from benchmarks.streams_client import Listener
from benchmarks.streams_process import MIB, dashboard

RESULTS = Path(__file__).parent / "results" / "streams.json"
MOST = 1000
KIB = 2**10
SETTLE_SECONDS = 5.0
AT_ONCE = 50
"""So many connect at the same time, as when a wall of screens comes back."""


async def measure(clients: int, seconds: float) -> Mapping[str, object]:
    """All figures of one run."""
    async with asyncio.timeout(seconds + 120), dashboard() as server:
        start, _ = server.usage
        await asyncio.sleep(SETTLE_SECONDS)
        alone, _ = server.usage
        listeners = [Listener() for _ in range(clients)]
        tasks = await _connect(listeners, server.port)
        _, used = server.usage
        began, peak = time.monotonic(), 0.0
        while time.monotonic() < began + seconds:
            await asyncio.sleep(1)
            peak = max(peak, server.usage[0])
        ended, used = time.monotonic(), server.usage[1] - used
        dropped = sum(listener.dropped for listener in listeners)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(SETTLE_SECONDS)
        memory = {"start": start, "alone": alone, "peak": peak, "after": server.usage[0]}
        # What rang in the last second may be on its way.
        rings = {r: at for r, at in server.rings.items() if began <= at < ended - 1}
    return {
        "clients": clients,
        "seconds": seconds,
        **_heard(listeners, rings),
        "dropped": dropped,
        "server_mib": {name: round(size, 1) for name, size in memory.items()},
        "kib_per_client": round((peak - alone) * KIB / clients, 1),
        "server_cpu_seconds": round(used, 1),
    }


def _heard(listeners: Sequence[Listener], rings: Mapping[int, float]) -> Mapping[str, object]:
    """What the clients say."""
    connected = [each.connected for each in listeners if each.connected is not None]
    waits = [
        at - rings[revision]
        for listener in listeners
        for revision, at in listener.heard.items()
        if revision in rings
    ]
    return {
        "connect_ms": _spread(connected),
        "never_connected": len(listeners) - len(connected),
        "ring_to_client_ms": _spread(waits),
        "rings": len(rings),
        "snapshots_merged": len(rings) * len(listeners) - len(waits),
        "mib_sent": round(sum(listener.read for listener in listeners) / MIB, 1),
    }


async def _connect(listeners: Sequence[Listener], port: int) -> list[asyncio.Task[None]]:
    """Start all of them, some at once, and wait until each has heard something, or cannot."""
    tasks: list[asyncio.Task[None]] = []
    for first in range(0, len(listeners), AT_ONCE):
        group = listeners[first : first + AT_ONCE]
        tasks += [asyncio.create_task(listener.listen(port)) for listener in group]
        await asyncio.gather(*(listener.settled.wait() for listener in group))
    return tasks


def _spread(seconds: Sequence[float]) -> Mapping[str, float]:
    """Milliseconds: the middle, the slow ones, the slowest."""
    if len(seconds) < 2:  # noqa: PLR2004 - quantiles need two
        return {}
    cuts = quantiles(seconds, n=20)
    found = {"p50": cuts[9], "p95": cuts[18], "max": max(seconds)}
    return {name: round(value * 1000, 1) for name, value in found.items()}


@click.command()
@click.option("--clients", type=click.IntRange(1, MOST), default=500)
@click.option("--seconds", type=click.FloatRange(1, 600), default=60.0)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), default=RESULTS)
def main(clients: int, seconds: float, out: Path) -> None:
    """Hold streams open while the bell rings each second; print and write what that costs."""
    about = plain_machine()
    found = asyncio.run(measure(clients, seconds))
    table = Table(title=f"{clients} streams for {seconds:g} s", caption=str(about))
    for name, value in found.items():
        table.add_row(name, json.dumps(value))
    Console().print(table)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps({"machine": about, **found}, indent=1) + "\n")


if __name__ == "__main__":
    main()
