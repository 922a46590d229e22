"""Catch-up: from an empty state to every KPI over all history, committed."""

from collections.abc import Callable
from contextlib import ExitStack, closing

from benchmarks.baselines.naive import Naive, NaiveOnDisk
from benchmarks.baselines.plain import Plain
from benchmarks.bench import Bench
from benchmarks.outcome import Finding, Line
from benchmarks.stopwatch import Timed, Times, interleaved, medians, ratio, seconds
from benchmarks.totals import Totals

WHOLE = 1_000_000
"""Up to so many rows the naive loop in memory runs to its end; above, it is extrapolated."""
PLACES = (0.1, 0.5, 0.9)
SUMS_TARGET, SUMS_OF_LIMIT = 15.0, 0.25
DISTINCT_TARGET = 6.0
MILLION = 1_000_000


def measure(bench: Bench) -> Finding:
    """Every method from nothing, in turns."""
    rows = bench.size.rows
    dsn = bench.server.dsn(bench.source)
    with ExitStack() as stack:
        plain = stack.enter_context(closing(Plain(dsn)))
        truth = plain.with_users()
        file = bench.folder / "naive.json"
        methods: dict[str, Timed] = {
            "limit": lambda: seconds(plain.limit),
            "plain SQL": lambda: seconds(plain.aggregate),
            "plain SQL, distinct": lambda: seconds(plain.with_users),
            "materialized view": lambda: seconds(plain.refresh),
            "naive A": _naive(bench, lambda: Naive(dsn), whole=rows <= WHOLE),
            "naive B": _naive(bench, lambda: NaiveOnDisk(dsn, file), whole=False),
            "ours, sums": lambda: _ours(bench, "sums", truth),
            "ours, distinct": lambda: _ours(bench, "distinct", truth),
        }
        rounds = bench.size.rounds
        with bench.bar.work("in turns", rounds * len(methods)) as told:
            times = interleaved(methods, rounds, lambda: told(1))
    return _finding(times, rows)


def _ours(bench: Bench, declaration: str, truth: Totals) -> float:
    with bench.fresh(declaration) as ours:
        taken = seconds(ours.advance)
        assert ours.totals().agrees(truth), f"{ours.totals()} is not {truth}"
        return taken


def _naive(bench: Bench, make: Callable[[], Naive], *, whole: bool) -> Timed:
    """The seconds for all rows; from polls in three places where that would take too long."""

    def run() -> float:
        with closing(make()) as naive:
            if whole:
                return seconds(naive.catch_up)
            spent, rows = 0.0, 0
            for place in PLACES:
                naive.jump(place, bench.firsts)
                counted = naive.totals["count"]
                spent += seconds(lambda: naive.catch_up(bench.size.polls))
                rows += int(naive.totals["count"] - counted)
            return spent / rows * bench.size.rows

    return run


def _finding(times: Times, rows: int) -> Finding:
    speeds = {name: rows / each / MILLION for name, each in medians(times).items()}
    over_a = ratio(times, "naive A", "ours, sums")
    of_limit = ratio(times, "limit", "ours, sums")
    distinct = ratio(times, "naive A", "ours, distinct")
    sampled = "B" if rows <= WHOLE else "A and B"
    lines = (
        Line(
            what="catch-up, sums and counts",
            target=f"{SUMS_TARGET:g} x naive A, {SUMS_OF_LIMIT:.0%} of the limit",
            measured=f"{over_a:.1f} x naive A, {of_limit:.1%} of the limit",
            met=over_a >= SUMS_TARGET and of_limit >= SUMS_OF_LIMIT,
            note=_speeds(speeds, "ours, sums", "naive A", "naive B", "plain SQL", "limit"),
        ),
        Line(
            what="catch-up with exact distinct users",
            target=f"{DISTINCT_TARGET:g} x naive A",
            measured=f"{distinct:.1f} x naive A",
            met=distinct >= DISTINCT_TARGET,
            note=_speeds(speeds, "ours, distinct", "plain SQL, distinct")
            + f"; naive {sampled} extrapolated from polls in three places",
        ),
    )
    return Finding(lines=lines, numbers={"million_rows_a_second": speeds, "seconds": times})


def _speeds(speeds: dict[str, float], *names: str) -> str:
    return "M rows/s: " + ", ".join(f"{name} {speeds[name]:.3g}" for name in names)
