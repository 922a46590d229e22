"""`python -m benchmarks.streams`: many pages open at once, on this machine, for a minute.

The dashboard runs in a process of its own (`streams_server`), which a bell rings each second; this
process holds the clients. It ends by itself, and so does the server, whatever happens.
"""

import asyncio
import json
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles

import click
import psutil
from rich.console import Console
from rich.table import Table

from benchmarks.machine import plain_machine
from benchmarks.streams_client import Listener

RESULTS = Path(__file__).parent / "results" / "streams.json"
MOST = 1000
KIB, MIB = 2**10, 2**20
SETTLE_SECONDS, STOP_SECONDS = 5.0, 15.0
AT_ONCE = 50
"""So many connect at the same time, as when a wall of screens comes back."""


@dataclass(slots=True)
class Dashboard:
    """The server's process, and when it rang."""

    process: Process
    port: int
    rings: dict[int, float] = field(default_factory=dict)

    @property
    def usage(self) -> tuple[float, float]:
        """Its resident MiB, and the seconds of CPU that it has used."""
        found = psutil.Process(self.process.pid)
        times = found.cpu_times()
        return found.memory_info().rss / MIB, times.user + times.system

    async def note_rings(self) -> None:
        """Until its output ends."""
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            revision, at = line.split()
            self.rings[int(revision)] = float(at)


@asynccontextmanager
async def dashboard() -> AsyncIterator[Dashboard]:
    """A dashboard that rings; ended, at last by force, at the end."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.streams_server", stdin=PIPE, stdout=PIPE
    )
    assert process.stdout is not None
    assert process.stdin is not None
    try:
        found = Dashboard(process, int(await process.stdout.readline()))
        noting = asyncio.create_task(found.note_rings())
        yield found
        noting.cancel()
    finally:
        process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), STOP_SECONDS)
        except TimeoutError:
            process.kill()


async def measure(clients: int, seconds: float) -> Mapping[str, object]:
    """All figures of one run."""
    async with asyncio.timeout(seconds + 120), dashboard() as server:
        start, _ = server.usage
        await asyncio.sleep(SETTLE_SECONDS)
        alone, _ = server.usage
        listeners = [Listener() for _ in range(clients)]
        tasks = await _connect(listeners, server.port)
        _, before = server.usage
        began, peak = time.monotonic(), 0.0
        while time.monotonic() < began + seconds:
            await asyncio.sleep(1)
            peak = max(peak, server.usage[0])
        full, after = server.usage
        dropped = sum(listener.dropped for listener in listeners)
        ended = time.monotonic()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(SETTLE_SECONDS)
        rings = {r: at for r, at in server.rings.items() if began <= at < ended - 1}
        waits = [
            heard - rings[revision]
            for listener in listeners
            for revision, heard in listener.heard.items()
            if revision in rings
        ]
        return {
            "clients": clients,
            "seconds": seconds,
            "connect_ms": _spread([c.connected for c in listeners if c.connected is not None]),
            "ring_to_client_ms": _spread(waits),
            "rings": len(rings),
            "snapshots_merged": len(rings) * clients - len(waits),
            "dropped": dropped,
            "never_connected": sum(listener.connected is None for listener in listeners),
            "rss_mib": {
                "start": round(start, 1),
                "without_clients": round(alone, 1),
                "with_clients": round(full, 1),
                "peak": round(peak, 1),
                "after": round(server.usage[0], 1),
            },
            "kib_per_client": round((peak - alone) * KIB / clients, 1),
            "server_cpu_seconds": round(after - before, 1),
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
