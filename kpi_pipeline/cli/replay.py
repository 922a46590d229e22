"""`kpi-pipeline replay`: when rules would have fired."""

from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from kpi_pipeline.cli.common import assembly, read_text, screen, spec_option
from kpi_pipeline.cli.mute import duration_of
from kpi_pipeline.compute.numbers import format_age, format_minute
from kpi_pipeline.compute.spells import Spell, lanes, level_at
from kpi_pipeline.compute.table import label
from kpi_pipeline.compute.timeline import timeline_svg
from kpi_pipeline.model.declaration.rule_file import with_rules
from kpi_pipeline.model.errors import KpiError
from kpi_pipeline.model.notice import Level
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.pipeline.replay import Replay, not_replayed, only_rules, replay
from kpi_pipeline.ports.store import Store

CELLS = 60
MOST = 100
MARKS = {Level.NONE: ("·", "dim"), Level.WARN: ("▒", "yellow"), Level.CRITICAL: ("█", "red")}


@click.command("replay")
@click.option("--since", default="30d", help="How far back: 7d, 12h. Default: 30d.")
@click.option(
    "--rule",
    "rules",
    type=click.Path(path_type=Path),
    help="Try the rules of this file (YAML with `thresholds:`) in place of the declared ones.",
)
@click.option(
    "--every",
    help="How often to look. Default: as often as the pipeline does, or 5,000 times at most.",
)
@click.option(
    "--output", type=click.Path(dir_okay=False, path_type=Path), help="Draw an SVG there."
)
@spec_option
def replay_command(
    since: str, rules: Path | None, every: str | None, output: Path | None, file: Path | None
) -> None:
    """Show when rules would have fired over what the state holds; nothing is written or sent.

    Minutes are looked at where they are kept, before that the end of each day: a rule about the
    last hour says nothing of the time before. Freshness and drift are not replayed.
    """
    parts, console = assembly(file), screen()
    spec = only_rules(parts.spec)
    if rules is not None:
        spec = with_rules(spec, read_text(rules), str(rules))
    step = None if every is None else duration_of(every)
    done = _with_bar(spec, parts.store, duration_of(since), step, console)
    _tell(done, spec, console)
    if output is not None:
        _draw(done, spec, output, console)


def _with_bar(
    spec: PipelineSpec,
    store: Store,
    length: timedelta,
    step: timedelta | None,
    console: Console,
) -> Replay:
    columns = (TextColumn("replaying"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=None)

        def report(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        return replay(spec, store, length, every=step, progress=report)


def _tell(done: Replay, spec: PipelineSpec, console: Console) -> None:
    zone = spec.timezone
    if done.spells:
        console.print(_table(done, spec))
        console.print(_timeline(done))
    fired = f"{len(done.spells):,} times some rule fires" if done.spells else "No rule fires"
    tells = any(rule.channels(Level.CRITICAL) for rule in spec.thresholds.values())
    told = f"{done.told:,} messages" if tells else "no rule has `notify`"
    span = f"{format_minute(done.since, zone)} to {format_minute(done.until, zone)}"
    console.print(
        f"{fired}, {told}; {done.looks:,} looks from {span}, every {format_age(done.every)}",
        soft_wrap=True,
    )
    if done.since < done.minutes_from:
        from_ = format_minute(done.minutes_from, zone)
        kept = f"minutes are kept since {from_}; before, only the end of each day was looked at"
        console.print(kept, soft_wrap=True)
    left_out = ", ".join(not_replayed(spec))
    console.print(
        f"not replayed: {left_out}; when rows came and what audits found is not known any more",
        soft_wrap=True,
    )


def _table(done: Replay, spec: PipelineSpec) -> Table:
    zone = spec.timezone
    table = Table("alert", "from", "until", "lasted", "level", "why", title="What would have fired")
    for spell in done.spells[-MOST:]:
        table.add_row(*map(Text, _cells(spell, done, zone)))
    if len(done.spells) > MOST:
        table.caption = f"the last {MOST} of {len(done.spells):,}"
    return table


def _cells(spell: Spell, done: Replay, zone: ZoneInfo) -> tuple[str, ...]:
    lasted = format_age((spell.end or done.until) - spell.start)
    why = f"{spell.why} ({spell.silent})" if spell.silent else spell.why
    until = format_minute(spell.end, zone) if spell.end else "still"
    start = format_minute(spell.start, zone)
    return label(spell.rule, spell.dims), start, until, lasted, spell.level.value, why


def _timeline(done: Replay) -> Text:
    """A lane an alert, each cell the worst of its time."""
    length = (done.until - done.since) / CELLS
    found = lanes(done.spells)
    width = min(max(len(label(*key)) for key in found), 32)
    lines = Text()
    for key, spells in found.items():
        lines.append(f"{label(*key)[:width]:{width}} ")
        for cell in range(CELLS):
            start = done.since + length * cell
            mark, style = MARKS[level_at(spells, start, start + length)]
            lines.append(mark, style)
        lines.append("\n")
    return lines


def _draw(done: Replay, spec: PipelineSpec, output: Path, console: Console) -> None:
    title = f"{spec.name}: what would have fired"
    picture = timeline_svg(done.spells, done.since, done.until, spec.timezone, title)
    try:
        output.write_text(picture, encoding="utf-8")
    except OSError as error:
        raise KpiError(f"{output}: cannot be written: {error.strerror}") from None
    console.print(f"{output}: drawn", soft_wrap=True, markup=False)
