"""A tick: some new rows, from reading the source to the commit."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from itertools import count

from benchmarks.arrivals import sell
from benchmarks.baselines.naive import Naive, NaiveOnDisk
from benchmarks.baselines.plain import Plain
from benchmarks.bench import Bench
from benchmarks.outcome import Finding, Line
from benchmarks.stopwatch import (
    YARDSTICK,
    Timed,
    Times,
    medians,
    one_round,
    ratio,
    seconds,
    told,
    yardstick,
)
from kpi_pipeline.model.moment import floor_minute

TARGET = 0.010
TIMES_B = 7.0
FEW, ROWS = 7, 500
MINUTE = timedelta(minutes=1)
BEFORE = 14 * MINUTE
"""Each tick's rows are dated in a minute of their own, all within the lookback, as if the ticks
were a minute apart; and after all that is there, or the naive loop would not see them."""


def measure(bench: Bench) -> Finding:
    """Every method folds the same new rows, in turns."""
    dsn = bench.server.dsn(bench.source)
    with ExitStack() as stack:
        plain = stack.enter_context(closing(Plain(dsn)))
        naive = stack.enter_context(closing(Naive(dsn)))
        disk = NaiveOnDisk(dsn, bench.folder / "naive.json")
        stack.enter_context(closing(disk))
        sums = stack.enter_context(bench.ours("sums"))
        demo = stack.enter_context(bench.ours("demo"))
        for loop in (naive, disk):
            loop.jump(1.0, bench.firsts)
        methods: dict[str, Timed] = {
            "ours, sums": lambda: seconds(sums.advance),
            "ours, demo": lambda: seconds(demo.advance),
            YARDSTICK: yardstick(stack.enter_context(bench.connect())),
            "naive A": lambda: seconds(naive.catch_up),
            "naive B": lambda: seconds(disk.catch_up),
            "materialized view": lambda: seconds(plain.refresh),
            "plain SQL": lambda: seconds(plain.aggregate),
            "plain SQL, distinct": lambda: seconds(plain.with_users),
        }
        minutes = (floor_minute(datetime.now(UTC)) - BEFORE + n * MINUTE for n in count())
        few = {name: methods[name] for name in list(methods)[:5]}
        _ticks(bench, few, FEW, 3, minutes)
        small = _ticks(bench, few, FEW, 3, minutes)
        times = _ticks(bench, methods, ROWS, bench.size.ticks, minutes)
        truth = plain.with_users()
        for ours in (sums, demo):
            assert ours.totals().agrees(truth), f"{ours.totals()} is not {truth}"
    return _finding(times, small)


def _ticks(
    bench: Bench,
    methods: Mapping[str, Timed],
    rows: int,
    rounds: int,
    minutes: Iterator[datetime],
) -> Times:
    times: Times = {name: [] for name in methods}
    with bench.bar.work(f"{rows} new rows", rounds) as step, bench.connect() as shop:
        for number in range(rounds):
            sell(shop, rows, next(minutes), MINUTE, seed=number + rows)
            one_round(methods, number, times)
            step(1)
    return times


def _finding(times: Times, small: Times) -> Finding:
    each = medians(times)
    lines = []
    for name, what in (("ours, sums", "sums and counts"), ("ours, demo", "the demo's KPIs")):
        over_b = ratio(times, "naive B", name)
        lines.append(
            Line(
                what=f"tick with {ROWS} new rows, {what}",
                target=f"{TARGET * 1000:g} ms, {TIMES_B:g} x naive B",
                measured=f"{each[name] * 1000:.1f} ms, {over_b:.1f} x naive B",
                met=each[name] <= TARGET and over_b >= TIMES_B,
                note=told(each) if name == "ours, demo" else f"{FEW} rows: {told(medians(small))}",
            )
        )
    return Finding(lines=tuple(lines), numbers={"seconds": times, f"seconds_{FEW}_rows": small})
