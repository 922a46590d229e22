"""The state after years: how large it is, and what a tick costs on top of it."""

from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from functools import partial

from benchmarks import years
from benchmarks.arrivals import sell
from benchmarks.bench import GAP, Bench
from benchmarks.ours import Ours
from benchmarks.outcome import Finding, Line
from benchmarks.stopwatch import Timed, Times, medians, one_round, ratio, seconds
from kpi_pipeline.model.moment import floor_minute

TARGET = 50
WITHIN = 1.2
MB = 1_000_000
ROWS = 500
BEFORE = timedelta(minutes=14)
SIZE_SQL = """
SELECT sum(pg_total_relation_size(c.oid)) FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'kpi' AND c.relkind = 'r'
"""
SAID = {"five_weeks": "with minutes of 35 days", "demo": "the demo, with exact distinct users"}
GRAINS_SQL = "SELECT grain, count(*) FROM kpi.partial GROUP BY grain"


def measure(bench: Bench) -> Finding:
    """States of more and more days, each with all of its minutes, and ticks on them in turns."""
    sources = {days: _table(bench, days) for days in bench.size.history}
    with ExitStack() as stack:
        ours = {
            days: stack.enter_context(bench.ours("sums", source))
            for days, source in sources.items()
        }
        sizes = {days: _size(bench, bench.caught_up("sums", at)) for days, at in sources.items()}
        times = _ticks(bench, ours, sources)
    most, least = max(sources), min(sources)
    wider = ("five_weeks", "demo") if bench.size.name == "full" else ("five_weeks",)
    others = {name: _size(bench, bench.caught_up(name, sources[most]))[0] for name in wider}
    return _finding(sizes, times, most, least, others)


def _table(bench: Bench, days: int) -> str:
    busy, end = bench.size.busy_days, floor_minute(bench.began - GAP)
    return bench.made(
        f"{days:,} days", 2, lambda dsn, told: years.create(dsn, days, busy, end, told)
    )


def _size(bench: Bench, state: str) -> tuple[float, dict[str, int]]:
    with bench.connect(state) as connection:
        row = connection.execute(SIZE_SQL).fetchone()
        assert row is not None
        return float(row[0]) / MB, dict(connection.execute(GRAINS_SQL).fetchall())


def _ticks(bench: Bench, ours: dict[int, Ours], sources: dict[int, str]) -> Times:
    timed: dict[str, Timed] = {
        str(days): partial(seconds, each.advance) for days, each in ours.items()
    }
    times: Times = {name: [] for name in timed}
    first = floor_minute(datetime.now(UTC)) - BEFORE
    with bench.bar.work("ticks", bench.size.ticks + 1) as told, ExitStack() as stack:
        shops = [stack.enter_context(bench.connect(source)) for source in sources.values()]
        for number in range(bench.size.ticks + 1):
            minute = first + timedelta(minutes=number)
            for shop in shops:
                sell(shop, ROWS, minute, timedelta(minutes=1), seed=number)
            one_round(timed, number, times)
            told(1)
    return {name: taken[1:] for name, taken in times.items()}  # the first warms all of them up


def _finding(
    sizes: dict[int, tuple[float, dict[str, int]]],
    times: Times,
    most: int,
    least: int,
    others: dict[str, float],
) -> Finding:
    size, grains = sizes[most]
    growth = ratio(times, str(most), str(least))
    each = {int(days): taken * 1000 for days, taken in medians(times).items()}
    also = "".join(f"; {SAID[name]} {megabytes:.0f} MB" for name, megabytes in others.items())
    lines = (
        Line(
            what=f"state after {most / 365.25:.1f} years of minutes",
            target=f"{TARGET} MB",
            measured=f"{size:.0f} MB",
            met=size <= TARGET,
            note=", ".join(f"{count:,} {grain}" for grain, count in sorted(grains.items())) + also,
        ),
        Line(
            what="tick on it, against the first day",
            target=f"within {WITHIN:g} x",
            measured=f"{growth:.2f} x",
            met=growth <= WITHIN,
            note=", ".join(f"{days:,} days {taken:.1f} ms" for days, taken in each.items()),
        ),
    )
    numbers = {
        "megabytes_by_days": {str(days): size for days, (size, _) in sizes.items()},
        "tick_seconds_by_days": times,
        "partials": grains,
        "megabytes_of_others": others,
    }
    return Finding(lines=lines, numbers=numbers)
