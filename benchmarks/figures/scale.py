"""How catch-up and tick grow with the table: a curve through several sizes."""

from datetime import UTC, datetime, timedelta
from math import log
from statistics import linear_regression, median

from benchmarks.arrivals import sell
from benchmarks.baselines.plain import LIMIT_SQL
from benchmarks.bench import Bench
from benchmarks.outcome import Finding, Line
from benchmarks.stopwatch import seconds
from kpi_pipeline.model.moment import floor_minute

ROWS = 500
BEFORE = timedelta(minutes=14)


def measure(bench: Bench) -> Finding:
    """Catch-up, tick and the limit at each size, once; told, and fitted."""
    found: dict[int, dict[str, float]] = {}
    with bench.bar.work("sizes", len(bench.size.scale)) as told:
        for fraction in bench.size.scale:
            rows = int(bench.size.rows * fraction)
            found[rows] = _at(bench, rows)
            told(1)
    grows = {name: _power(found, name) for name in ("catch-up", "tick", "limit")}
    line = Line(
        what=f"seconds by rows, {min(found):,} to {max(found):,}",
        measured=", ".join(f"{name} ~ rows^{power:.2f}" for name, power in grows.items()),
        note="; ".join(
            f"{rows:,}: catch-up {each['catch-up']:.1f} s, tick {each['tick'] * 1000:.0f} ms"
            for rows, each in found.items()
        ),
    )
    return Finding(lines=(line,), numbers={"seconds_by_rows": found, "powers": grows})


def _at(bench: Bench, rows: int) -> dict[str, float]:
    known = {bench.size.rows: "source", bench.size.rows // 10: "tenth"}
    source = getattr(bench, known[rows]) if rows in known else bench.table(rows)
    with bench.fresh("sums", source) as ours, bench.connect(source) as shop:
        limit = median(seconds(lambda: shop.execute(LIMIT_SQL).fetchall()) for _ in range(3))
        catch_up = seconds(ours.advance)
        first = floor_minute(datetime.now(UTC)) - BEFORE
        ticks = []
        for number in range(bench.size.ticks):
            minute = first + timedelta(minutes=number)
            sell(shop, ROWS, minute, timedelta(minutes=1), seed=number)
            ticks.append(seconds(ours.advance))
    return {"catch-up": catch_up, "tick": median(ticks), "limit": limit}


def _power(found: dict[int, dict[str, float]], name: str) -> float:
    """The slope of log seconds over log rows: 1 is linear, 0 does not grow."""
    pairs = [(log(rows), log(each[name])) for rows, each in found.items()]
    xs, ys = zip(*pairs, strict=True)
    return linear_regression(xs, ys).slope
