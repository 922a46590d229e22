"""Client memory during a catch-up: a process of its own, its peak less what it began with."""

import json
import subprocess
import sys
from statistics import median

from benchmarks.bench import Bench
from benchmarks.dagster_home import ROOT
from benchmarks.outcome import Finding, Line

TARGET = 150
MB = 1_000_000
LONGEST = 3600


def measure(bench: Bench) -> Finding:
    """Sums and counts, and the demo's KPIs with their exact distinct users."""
    found: dict[str, list[dict[str, int]]] = {"sums": [], "demo": []}
    rounds = bench.size.catch_ups
    with bench.bar.work("catch-ups", rounds * len(found)) as told:
        for _ in range(rounds):
            for name, peaks in found.items():
                peaks.append(_child(bench, name))
                told(1)
    grown = {
        name: median(each["after"] - each["before"] for each in peaks) / MB
        for name, peaks in found.items()
    }
    whole = median(each["after"] for each in found["demo"]) / MB
    worst = max(grown.values())
    line = Line(
        what="client memory during catch-up",
        target=f"{TARGET} MB",
        measured=f"{worst:.0f} MB",
        met=worst <= TARGET,
        note=", ".join(f"{name} {size:.0f} MB" for name, size in grown.items())
        + f"; beside the process before it; {whole:.0f} MB with all",
    )
    return Finding(lines=(line,), numbers={"bytes": found})


def _child(bench: Bench, declaration: str) -> dict[str, int]:
    with bench.server.database() as state:
        urls = [bench.server.url(bench.source), bench.server.url(state)]
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.catch_up_child", declaration, *urls],
            cwd=ROOT,
            capture_output=True,
            check=False,
            timeout=LONGEST,
        )
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    peaks: dict[str, int] = json.loads(done.stdout)
    return peaks
