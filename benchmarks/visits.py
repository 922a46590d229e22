"""`python -m benchmarks.visits`: how long a browser waits for the first number, and for all.

Three visits take turns: of a browser that was never here and of one that was, to the first number
and to the last part of the page; and of `/healthz`, a few letters, for what the browser itself
takes. Ratios are to that.
"""

import asyncio
import json
import time
from collections.abc import Mapping
from pathlib import Path
from statistics import median

import click
from playwright.async_api import Browser, BrowserContext, async_playwright
from rich.console import Console
from rich.table import Table

from benchmarks.machine import plain_machine
from benchmarks.streams_process import dashboard
from kpi_pipeline_tests.browser.chromium import FLAGS, chromium

RESULTS = Path(__file__).parent / "results" / "visits.json"
BARE = "document.body.innerText.includes('ok')"
FIRST = f"() => document.querySelector('.tile .number:not(:empty)') || {BARE}"
PARTS = ("#groups td", "#ticks td", "#timeline li", ".tile:last-child .uplot")
WHOLE = f"() => {' && '.join(f'document.querySelector({part!r})' for part in PARTS)} || {BARE}"
REST_SECONDS = 0.3
WARM_UP = 2


async def _visit(context: BrowserContext, address: str) -> tuple[float, float]:
    """Seconds to the first number, and to all."""
    page = await context.new_page()
    began = time.perf_counter()
    await page.goto(address, wait_until="commit")
    await page.wait_for_function(FIRST)
    first = time.perf_counter() - began
    await page.wait_for_function(WHOLE)
    whole = time.perf_counter() - began
    await asyncio.sleep(REST_SECONDS)
    await page.close()
    return first, whole


async def _stranger(browser: Browser, address: str) -> tuple[float, float]:
    """A visit with an empty cache."""
    context = await browser.new_context()
    try:
        return await _visit(context, address)
    finally:
        await context.close()


async def measure(visits: int) -> Mapping[str, list[float]]:
    """The seconds of each visit, by kind."""
    found: dict[str, list[float]] = {}
    async with dashboard() as server, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        known = await browser.new_context()
        url = f"http://127.0.0.1:{server.port}"
        for number in range(-WARM_UP, visits):
            turn = {
                "bare": (await _stranger(browser, f"{url}/healthz"))[:1],
                "cold": await _stranger(browser, url),
                "again": await _visit(known, url),
            }
            if number >= 0:
                _note(found, turn)
        await browser.close()
    return found


def _note(found: dict[str, list[float]], turn: Mapping[str, tuple[float, ...]]) -> None:
    for kind, times in turn.items():
        for what, seconds in zip(("first", "whole"), times, strict=False):
            found.setdefault(f"{kind} {what}", []).append(seconds)


def told(found: Mapping[str, list[float]]) -> Mapping[str, Mapping[str, float]]:
    """Seconds of each kind, and the median as a multiple of the browser's own."""
    bare = median(found["bare first"])
    return {
        name: {
            "median": round(median(times), 2),
            "slowest": round(max(times), 2),
            "over 1 s": sum(seconds > 1 for seconds in times),
            "ratio to bare": round(median(times) / bare, 2),
        }
        for name, times in found.items()
    }


@click.command()
@click.option("--visits", type=click.IntRange(2, 200), default=24)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), default=RESULTS)
def main(visits: int, out: Path) -> None:
    """Visit the page by turns; print and write how long that took."""
    about = plain_machine()
    found = told(asyncio.run(measure(visits)))
    table = Table("visit", *next(iter(found.values())), title=f"{visits} visits of each kind")
    for name, figures in found.items():
        table.add_row(name, *map(str, figures.values()))
    Console().print(table)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps({"machine": about, "visits": visits, **found}, indent=1) + "\n")


if __name__ == "__main__":
    main()
