"""`python -m benchmarks.spent --rows 1000000`: where the time of our side goes.

Under Python's profiler everything is about twice as slow; the statements' times are the client's,
from sending one to having its answer.
"""

import cProfile
import pstats
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import click
from rich.console import Console
from sqlalchemy import Engine, event

from benchmarks.arrivals import sell
from benchmarks.bench import Bench
from benchmarks.ours import Ours
from benchmarks.progress import Bar
from benchmarks.server import serve
from benchmarks.sizes import SIZES
from kpi_pipeline.model.moment import floor_minute

MOST = 20
ROWS = 500
TICKS = 10
WIDTH = 110


class Statements:
    """How often each statement ran, and how long in all."""

    def __init__(self, ours: Ours) -> None:
        self.count: defaultdict[str, int] = defaultdict(int)
        self.seconds: defaultdict[str, float] = defaultdict(float)
        for name in ("source", "store"):
            self._watch(name, getattr(ours.parts, name).engine)

    def _watch(self, name: str, engine: Engine) -> None:
        def began(*found: Any) -> None:  # noqa: ANN401 - SQLAlchemy's hook
            found[4].kpi_began = time.perf_counter()

        def ended(*found: Any) -> None:  # noqa: ANN401
            statement = f"{name}: {' '.join(found[2].split())[:WIDTH]}"
            self.count[statement] += 1
            self.seconds[statement] += time.perf_counter() - found[4].kpi_began

        event.listen(engine, "before_cursor_execute", began)
        event.listen(engine, "after_cursor_execute", ended)

    def tell(self, console: Console) -> None:
        """Print the dearest, and forget all."""
        total, count = sum(self.seconds.values()), sum(self.count.values())
        console.print(f"{count:,} statements, {total * 1000:,.1f} ms", style="bold")
        for name in sorted(self.seconds, key=lambda name: -self.seconds[name])[:MOST]:
            console.print(
                f"{self.count[name]:7,} {self.seconds[name] * 1000:10,.1f} ms  {name}",
                markup=False,
                highlight=False,
                soft_wrap=True,
            )
        self.count.clear()
        self.seconds.clear()


@click.command()
@click.option("--rows", type=click.IntRange(min=1000), default=SIZES["small"].rows)
@click.option("--declaration", type=click.Choice(["sums", "distinct", "demo"]), default="demo")
def main(rows: int, declaration: str) -> None:
    """Profile a catch-up, some ticks and as many idle looks."""
    console = Console()
    size = SIZES["small"].but(rows, None)
    with serve() as server, Bar(console) as bar:
        bench = Bench(server=server, size=size, bar=bar, began=datetime.now(UTC))
        with bench, bench.fresh(declaration) as ours, bench.connect() as shop:
            statements = Statements(ours)
            _profiled(f"catch-up of {rows:,} rows", ours.advance, statements, console)
            first = floor_minute(datetime.now(UTC)) - timedelta(minutes=TICKS)

            def ticks() -> None:
                for number in range(TICKS):
                    minute = first + timedelta(minutes=number)
                    sell(shop, ROWS, minute, timedelta(minutes=1), seed=number)
                    ours.advance()

            _profiled(f"{TICKS} ticks of {ROWS} new rows", ticks, statements, console)

            def looks() -> None:
                for _ in range(TICKS):
                    ours.look()

            _profiled(f"{TICKS} looks", looks, statements, console)


def _profiled(
    what: str, work: Callable[[], object], statements: Statements, console: Console
) -> None:
    profiler = cProfile.Profile()
    began = time.perf_counter()
    profiler.runcall(work)
    console.rule(f"{what}: {time.perf_counter() - began:.2f} s under the profiler")
    statements.tell(console)
    pstats.Stats(profiler, stream=sys.stdout).sort_stats("tottime").print_stats(MOST)


if __name__ == "__main__":
    main()
