"""`kpi-pipeline ledger`: which shown numbers changed afterwards, and how late rows come."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from kpi_pipeline.assembly import Assembly
from kpi_pipeline.cli.common import assembly, load_spec, moment_of, screen, spec_option
from kpi_pipeline.cli.render import draw_table
from kpi_pipeline.compute.late import correction_table, lateness_sentence
from kpi_pipeline.compute.ledger import counting_metric

DEFAULT = timedelta(days=7)


@click.command("ledger")
@spec_option
@click.option("--since", help="From this moment on. Default: the last seven days.")
@click.option("--most", type=click.IntRange(min=1), default=30, help="Changes to show.")
def ledger_command(file: Path | None, since: str | None, most: int) -> None:
    """Show the buckets that changed after people had seen them: by how much, and why."""
    zone = load_spec(file).timezone
    start = datetime.now(UTC) - DEFAULT if since is None else moment_of(since, zone)
    parts, console = assembly(file), screen()
    count, newest = parts.store.corrections(start, most)
    more = count - len(newest)
    if more > 0:
        console.print(f"The newest {len(newest)} of {count:,}; --most shows more.")
    if newest:
        table = correction_table(newest, zone, left_out=more)
        console.print(draw_table(table, "Shown numbers that changed"))
    else:
        console.print("No shown number has changed.")
    console.print(_lateness(parts, start), soft_wrap=True)


def _lateness(parts: Assembly, since: datetime) -> str:
    counting = counting_metric(parts.spec)
    if counting is None:
        return "lateness is not measured: declare a metric without filter and group_by"
    found = parts.store.lateness(since, counting.name)
    return lateness_sentence(found, parts.spec.timezone)
