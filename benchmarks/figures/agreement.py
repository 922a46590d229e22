"""Do all methods give the same? Equal counts, equal decimals, before anything is timed."""

from contextlib import closing

from benchmarks.baselines.naive import LIMIT, Naive
from benchmarks.baselines.plain import Plain
from benchmarks.bench import Bench
from benchmarks.outcome import Finding, Line
from benchmarks.totals import Totals


def measure(bench: Bench) -> Finding:
    """Run every method over all rows.

    Raises:
        AssertionError: One of them gives something else; its name and both answers.
    """
    dsn = bench.server.dsn(bench.source)
    with closing(Plain(dsn)) as plain:
        truth = plain.with_users()
        plain.refresh()
        found = {"plain SQL": plain.aggregate(), "materialized view": plain.view()}
    for name in ("sums", "demo"):
        with bench.ours(name) as ours:
            found[f"ours, {name}"] = ours.totals()
    for name, totals in found.items():
        assert totals.agrees(truth), f"{name} says {totals}, the table says {truth}"
    naive = _naive(bench, dsn)
    assert (naive.count, naive.users) == (truth.count, truth.users), f"naive: {naive}"
    off = abs(naive.total - truth.total)
    note = f"{', '.join(found)}; the naive loop's count and users, its floats are off by {off}"
    measured = f"{truth.count:,} rows, {truth.total:,}, {truth.users:,} users"
    line = Line(
        what="every method agrees",
        target="equal counts, equal decimals",
        measured=measured,
        met=True,
        note=note,
    )
    return Finding(lines=(line,), numbers={"rows": truth.count, "naive_float_error": str(off)})


def _naive(bench: Bench, dsn: str) -> Totals:
    with closing(Naive(dsn)) as naive, bench.bar.work("naive loop", bench.size.rows) as told:
        while (rows := naive.poll()) == LIMIT:
            told(rows)
        return naive.answer()
