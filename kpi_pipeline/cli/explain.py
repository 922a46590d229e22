"""`kpi-pipeline explain`: what a number means, and the SQL that gives it again."""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from rich.console import Console
from rich.markup import escape

from kpi_pipeline.assembly import answers
from kpi_pipeline.cli.common import assembly, settings, spec_option
from kpi_pipeline.cli.definition import Line, definition, formula, place
from kpi_pipeline.compute.explanation import Explanation, UnknownNameError
from kpi_pipeline.compute.messages import group_text
from kpi_pipeline.compute.numbers import format_error
from kpi_pipeline.compute.proof import Proof
from kpi_pipeline.compute.windows import Bounds
from kpi_pipeline.model.metric import SimpleMetric
from kpi_pipeline.model.snapshot import Reading
from kpi_pipeline.pipeline.explain import confirm, explain, waiting

MOST_GROUPS = 50


@click.command("explain")
@click.argument("metric")
@click.option("--window", required=True, help="A declared window, such as today.")
@click.option(
    "--group", "group", multiple=True, help="A group's value, once a column; (null) for none."
)
@spec_option
@click.option("--run", "run", is_flag=True, help="Also run the SQL against the source.")
def explain_command(
    metric: str, window: str, group: tuple[str, ...], file: Path | None, *, run: bool
) -> None:
    """Show what METRIC means, what it was last published as, and the SQL that gives it again.

    With --run both numbers are held together; the exit code is 1 if they differ, and not only
    because rows came since the check.
    """
    parts = assembly(file)
    source = answers(parts.spec, settings())
    try:
        found = explain(parts.spec, parts.store, metric, window, group, source.write)
    except UnknownNameError as error:
        raise click.UsageError(str(error)) from None
    console = Console(highlight=False, soft_wrap=True)
    for label, text in _lines(found):
        console.print(f"[bold]{label:<13}[/]{escape(text)}")
    console.print("\n[bold]the same from the source:[/]")
    if found.before:
        click.echo(found.before)
    for leaf in found.leaves:
        if found.composed:
            click.echo(f"\n-- {place(leaf, found.timezone)}")
        click.echo(leaf.statement.sql)
    if run:
        proofs = confirm(found, source)
        equal = all(proof.equal for proof in proofs)
        minutes = 0 if equal else waiting(parts.source, parts.store, found)
        for line in _told(proofs, minutes):
            console.print(line)
        sys.exit(0 if equal or minutes else 1)


def _lines(found: Explanation) -> Iterator[Line]:
    zone = found.timezone
    yield "metric", f"{found.metric.name}{f' ({found.metric.unit})' if found.metric.unit else ''}"
    described = None if isinstance(found.metric, SimpleMetric) else found.metric.description
    if described:
        yield "means", described
    for metric in found.composed:
        yield from formula(metric, "" if metric is found.metric else f"{metric.name} = ")
    for part in found.parts:
        yield from definition(part, "" if part is found.metric else f"{part.name}: ")
    yield "source", f"{found.source.table}, event time {found.source.event_time}"
    yield "window", f"{found.window.name}: {found.window.reach.text}, {zone.key} time"
    yield from _ends("", found.span, zone)
    if found.baseline is not None and found.window.offset is not None:
        yield "compared", f"with the same {found.window.offset.text} before"
        yield from _ends("  ", found.baseline, zone)
    for reading in found.readings[:MOST_GROUPS]:
        yield from _value(found, reading)
    if len(found.readings) > MOST_GROUPS:
        yield "published", f"{len(found.readings) - MOST_GROUPS:,} more groups; --group shows one"
    if not found.readings:
        yield "published", "no group has rows in this window"
    yield "data through", _both(found.watermark, zone)
    yield "checked at", _both(found.as_of, zone)
    yield "computed at", _both(found.computed_at, zone)
    yield "guarantee", found.guarantee
    building = any(reading.building for reading in found.readings)
    yield "building", "yes, history is still being filled" if building else "no"
    for note in found.notes:
        yield "note", note


def _ends(indent: str, span: Bounds, zone: ZoneInfo) -> Iterator[Line]:
    yield f"{indent}from", "the declared start" if span.start is None else _both(span.start, zone)
    yield f"{indent}up to", _both(span.end, zone)


def _value(found: Explanation, reading: Reading) -> Iterator[Line]:
    group = f" ({_shown(group_text(reading.dims))})" if reading.dims else ""
    yield "published", f"{_exact(reading.value)}{group}, of {reading.rows:,} rows"
    if found.baseline is not None:
        ready = reading.baseline is not None
        yield "  compared", _exact(reading.baseline) if ready else "nothing to compare with"


def _told(proofs: tuple[Proof, ...], minutes: int) -> Iterator[str]:
    differing_first = sorted(proofs, key=lambda proof: proof.equal)
    for proof in differing_first[:MOST_GROUPS]:
        group = f" ({_shown(group_text(proof.dims))})" if proof.dims else ""
        both = (
            f"published {_exact(proof.published)} of {proof.published_rows:,} rows, "
            f"source {_exact(proof.source)} of {proof.source_rows:,} rows{group}: "
        )
        yield escape(both) + (
            f"[green]{_equal(proof)}[/]" if proof.equal else f"[red]{_gap(proof)}[/]"
        )
    if len(proofs) > MOST_GROUPS:
        left = sum(1 for proof in differing_first[MOST_GROUPS:] if not proof.equal)
        yield f"{len(proofs) - MOST_GROUPS:,} more groups, of which {left:,} differ"
    if minutes:
        yield (
            f"[yellow]{minutes:,} minutes of the window changed since the check[/] and wait to be "
            "folded by the next run; `kpi-pipeline audit` leaves such minutes out."
        )
    elif not all(proof.equal for proof in proofs):
        yield (
            "Nothing waits to be folded. Old updates and deletes are mended by "
            "`kpi-pipeline audit --repair`, a changed declaration by `kpi-pipeline advance`."
        )


def _equal(proof: Proof) -> str:
    if proof.within is not None:
        return f"equal within {format_error(proof.within)}"
    return "equal" if proof.digits is None else f"equal to {proof.digits} digits"


def _gap(proof: Proof) -> str:
    rows = proof.source_rows - proof.published_rows
    gap = "not comparable" if proof.difference is None else f"{proof.difference:+f}"
    beyond = "" if proof.within is None else f", more than {format_error(proof.within)}"
    return f"the source has {gap}, {rows:+,} rows{beyond}"


def _exact(value: Decimal | None) -> str:
    return "nothing" if value is None else f"{value:f}"


def _both(moment: datetime | None, zone: ZoneInfo) -> str:
    if moment is None:
        return "never"
    local, world = moment.astimezone(zone), moment.astimezone(UTC)
    return f"{local.isoformat(' ')} = {world:%Y-%m-%d %H:%M:%S} UTC"


def _shown(text: str) -> str:
    """A terminal must show what a row holds, not obey it."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)
