"""`python -m benchmarks [FIGURE ...] --size small`: measure, print, write JSON and plots."""

import signal
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console

from benchmarks.bench import Bench
from benchmarks.figures import FIGURES, chosen
from benchmarks.machine import machine
from benchmarks.outcome import Finding
from benchmarks.progress import Bar
from benchmarks.report import draw, write
from benchmarks.server import serve
from benchmarks.sizes import SIZES

NAMES = [figure.name for figure in FIGURES]
WIDTH = 170  # of the table, where there is no terminal to say
RESULTS = Path(__file__).parent / "results"


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(NAMES), metavar="[FIGURE]...")
@click.option("--size", "size_name", type=click.Choice(list(SIZES)), default="small")
@click.option("--rows", type=click.IntRange(min=1000), help="Rows of the table, instead.")
@click.option("--rounds", type=click.IntRange(min=1), help="How often each method is measured.")
@click.option("--check/--no-check", default=True, help="Whether all methods agree, first.")
@click.option(
    "--out", type=click.Path(path_type=Path), default=RESULTS, help="Where JSON and plots go."
)
@click.option(
    "--scratch", type=click.Path(path_type=Path, exists=True), help="Where the server's data goes."
)
def main(
    names: tuple[str, ...],
    size_name: str,
    rows: int | None,
    rounds: int | None,
    out: Path,
    scratch: Path | None,
    *,
    check: bool,
) -> None:
    """Measure some FIGUREs, or all that belong to the size."""
    size = SIZES[size_name].but(rows, rounds)
    console = Console()
    if not console.is_terminal:
        console.width = WIDTH
    wanted = chosen(names, size, check=check)
    with serve(scratch) as server, Bar(console) as bar:
        bench = Bench(server=server, size=size, bar=bar, began=datetime.now(UTC))
        with bench:
            about = machine(server)
            findings: dict[str, Finding] = {}
            for figure in wanted:
                bar.began(figure.name)
                start = time.monotonic()
                found = figure.measure(bench)
                findings[figure.name] = replace(found, took=round(time.monotonic() - start, 1))
                # At once, so that a run that is cut off leaves what it found.
                write(out, size, about, findings)
    console.print(draw(size, about, findings))
    console.print(f"written to {out / size.name}.json")


def _ended(*_: object) -> None:
    sys.exit(143)  # cleaning up on the way, as after Ctrl-C


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _ended)
    sys.exit(main())
