"""`kpi-pipeline test`: rows in, KPIs out, without a database of one's own."""

import os
import sys
import time
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress

from kpi_pipeline.cli.testing.places import Suite, find_suites
from kpi_pipeline.cli.testing.report import tell_all, tell_case
from kpi_pipeline.cli.testing.run import Tried, run_cases
from kpi_pipeline.cli.testing.scratch import scratch_database
from kpi_pipeline.config import read_settings


@click.command("test")
@click.argument("place", required=False, type=click.Path(path_type=Path), metavar="[FILE|FOLDER]")
def test_command(place: Path | None) -> None:
    """Try a declaration on rows of your own: tests/*.yaml beside defs.yaml.

    \b
    cases:
      a refund lowers revenue:
        as_of: 2026-03-01 12:30     # business time, unless it has an offset
        rows:                       # or batches: [[...], [...]], folded one by one
          - {created_at: 2026-03-01 12:00, amount: 10.50, transaction_type: DELI}
          - {created_at: 2026-03-01 12:10, amount: -0.50, transaction_type: DELI}
        columns: {amount: numeric}  # types, where a guess from the values would be wrong
        expect:
          today: {total_revenue: 10.00, revenue_by_type: {DELI: 10.00}}
          last_60m: {transaction_count: 2}

    Values are compared exactly; of a grouped metric every group is. A quotient without end is
    compared to the decimals that are written, an approximate metric by {value: 12, within: 1%}.

    The rows lie in a scratch database of the embedded PostgreSQL, dropped at the end; KPI_TEST_URL
    names another server. Exit codes: 0 all passed, 1 some failed, 2 a file is wrong.
    """  # noqa: D301 - click's own mark
    suites = find_suites(place)
    console = Console()
    began = time.monotonic()
    tried = _try_all(suites, console)
    tell_all(tried, time.monotonic() - began, console)
    sys.exit(1 if any(one.mismatches for one in tried) else 0)


def _try_all(suites: list[Suite], console: Console) -> list[Tried]:
    tried: list[Tried] = []
    total = sum(len(suite.cases) for suite in suites)
    with Progress(console=console, transient=True) as bar:
        task = bar.add_task("opening a scratch database", total=total)
        with scratch_database(read_settings(os.environ)) as url:
            for suite in suites:
                bar.update(task, description=f"trying {suite.spec.name}")
                for one in run_cases(suite.spec, suite.cases, url, first=len(tried) + 1):
                    tried.append(one)
                    tell_case(one, console)
                    bar.advance(task)
    return tried
