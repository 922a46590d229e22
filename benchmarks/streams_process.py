"""The dashboard's own process, while its streams are measured."""

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import psutil

MIB = 2**20
STOP_SECONDS = 15.0


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
