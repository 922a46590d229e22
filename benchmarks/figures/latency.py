"""From a commit in the source to the commit of a snapshot that holds it, under a real daemon."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import quantiles

import psycopg

from benchmarks.arrivals import sell
from benchmarks.bench import Bench
from benchmarks.dagster_home import ROOT, environment
from benchmarks.ours import Ours
from benchmarks.outcome import Finding, Line

EVERY, ALLOWED = 60, 4
SECONDS = 300
PAUSE = 1.0
GRAIN = 0.05
STARTED, LAST = 180.0, 150.0
"""How long the daemon may take to its first run, and to fold the last rows."""


def measure(bench: Bench) -> Finding:
    """One row a second for some minutes, while the daemon ticks once a minute."""
    with (
        bench.server.database() as storage,
        bench.ours("demo") as ours,
        bench.connect() as shop,
    ):
        ours.advance()
        state = str(ours.parts.store.engine.url.database)  # type: ignore[attr-defined]
        with environment(bench.server, bench.source, state, storage) as home, _daemon(home):
            sell(shop, 1, datetime.now(UTC), timedelta(0), seed=1)
            base = ours.totals().count + 1
            watch = _Watch(ours)
            assert watch.reaches(base, STARTED), (home / "daemon.log").read_text()[-3000:]
            commits = _sell(bench, shop, SECONDS)
            assert watch.reaches(base + len(commits), LAST), "the last rows were not folded"
            watch.stop()
    waits = watch.waits(base, commits)
    p95 = quantiles(waits, n=20)[-1]
    line = Line(
        what="source commit to snapshot committed, p95, a real daemon",
        target=f"{EVERY} s + {ALLOWED} s",
        measured=f"{p95:.1f} s",
        met=p95 <= EVERY + ALLOWED,
        note=f"{len(waits)} rows; median {quantiles(waits, n=2)[0]:.1f} s, most {max(waits):.1f} s",
    )
    return Finding(lines=(line,), numbers={"seconds": waits})


class _Watch:
    """Notes when a published snapshot first holds so many rows; a thread of its own."""

    def __init__(self, ours: Ours) -> None:
        self.ours = ours
        self.seen: list[tuple[float, int]] = []
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def _look(self) -> None:
        while not self._end.wait(GRAIN):
            count = self.ours.totals().count
            if not self.seen or count != self.seen[-1][1]:
                self.seen.append((time.monotonic(), count))

    def reaches(self, count: int, patience: float) -> bool:
        """Wait until a snapshot holds so many rows."""
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            if self.seen and self.seen[-1][1] >= count:
                return True
            time.sleep(GRAIN)
        return False

    def stop(self) -> None:
        """End the thread."""
        self._end.set()
        self._thread.join()

    def waits(self, base: int, commits: list[float]) -> list[float]:
        """Seconds from each commit to the first snapshot that holds its row."""
        return [
            next(at for at, count in self.seen if count >= base + number) - commit
            for number, commit in enumerate(commits, start=1)
        ]


def _sell(bench: Bench, shop: psycopg.Connection, span: float) -> list[float]:
    commits: list[float] = []
    began = time.monotonic()
    with bench.bar.work("one row a second", span) as told:
        while time.monotonic() - began < span:
            sell(shop, 1, datetime.now(UTC), timedelta(0), seed=len(commits) + 2)
            commits.append(time.monotonic())
            time.sleep(PAUSE)
            told(PAUSE)
    return commits


@contextmanager
def _daemon(home: Path) -> Iterator[None]:
    """Dagster's daemon with our code, as a deployment runs it."""
    command = [sys.executable, "-m", "dagster._daemon", "run", "-m", "benchmarks.dagster_code"]
    with (home / "daemon.log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=ROOT, stdout=log, stderr=log, start_new_session=True
        )
        try:
            yield
        finally:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(60)
            with suppress(ProcessLookupError):  # its code server outlives it
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
