"""`kpi-pipeline test`: rows in, KPIs out, without a database of one's own."""

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress

from kpi_pipeline.cli.testing.places import Suite, find_suites
from kpi_pipeline.cli.testing.report import tell_all, tell_case
from kpi_pipeline.cli.testing.run import Tried, run_cases
from kpi_pipeline.cli.testing.scratch import scratch_database
from kpi_pipeline.compute.rehearsal import rehearse
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

    alerts:
      a low average fires after five minutes, and ends above its clear bound:
        start: 2026-03-02 12:00
        series: {aov_low: 40 25x7 30.5 32}   # what the metric is, minute by minute; _ for no value
        expect:
          aov_low:
            - {from: 2026-03-02 12:06, until: 2026-03-02 12:09, level: warn}
      one kind alone falls:           # of a metric with groups, a series for each
        start: 2026-03-02 12:00
        series: {aov_by_type: {DELI: 40 25x7 31, MEAT: 40x9}}
        expect:
          aov_by_type: {DELI: [{from: 2026-03-02 12:06}]}   # MEAT does not fire

    Values are compared exactly; of a grouped metric every group is. A quotient without end is
    compared to the decimals that are written, an approximate metric by {value: 12, within: 1%}.

    The rows lie in a scratch database of the embedded PostgreSQL, dropped at the end; KPI_TEST_URL
    names another server; cases under `alerts:` need none. Exit codes: 0 all passed, 1 some failed,
    2 a file is wrong.
    """  # noqa: D301 - click's own mark
    suites = find_suites(place)
    console = Console()
    began = time.monotonic()
    tried = _try_all(suites, console)
    tell_all(tried, time.monotonic() - began, console)
    sys.exit(1 if any(one.mismatches for one in tried) else 0)


def _try_alerts(suites: list[Suite], console: Console) -> Iterator[Tried]:
    """Rules are tried on series alone, so that needs no database."""
    for suite in suites:
        for case in suite.alerts:
            one = Tried(case=case, mismatches=rehearse(suite.spec, case))
            tell_case(one, console)
            yield one


def _try_all(suites: list[Suite], console: Console) -> list[Tried]:
    tried = list(_try_alerts(suites, console))
    total = sum(len(suite.cases) for suite in suites)
    if not total:
        return tried
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
