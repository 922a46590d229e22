"""Rows that one tick a minute reads from the table, for each row that is new."""

import time
from contextlib import closing
from datetime import UTC, datetime, timedelta

import psycopg

from benchmarks.arrivals import sell
from benchmarks.bench import Bench
from benchmarks.outcome import Finding, Line

TARGET = 2.0
MINUTE = timedelta(minutes=1)
LOOKBACK = 14
RATE = 100
"""At least so many rows a minute are sold, before the tick and in it."""
SETTLED = 0.5
PATIENCE = 30.0
READ_SQL = """
SELECT coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0) FROM pg_stat_user_tables
WHERE relname = 'transactions'
"""
RECENT_SQL = "SELECT count(*) FROM transactions WHERE created_at >= %s"


def measure(bench: Bench) -> Finding:
    """PostgreSQL's own counters of the table, before and after a look and a tick."""
    with bench.ours("demo") as ours, bench.connect() as shop:
        per_minute = _fill(shop)
        ours.advance()
        ours.advance()  # an anchor that is newer than what was filled
        new = max(per_minute, RATE)
        sell(shop, new, datetime.now(UTC) - MINUTE, MINUTE, seed=77)
        read: dict[str, int] = {}
        for name, step in (("look", ours.look), ("run", ours.advance)):
            ours.parts.source.close()  # a closing connection hands in its counts
            before = _settled(shop)
            step()
            ours.parts.source.close()
            read[name] = _settled(shop) - before
    each = {name: count / new for name, count in read.items()}
    total = sum(each.values())
    line = Line(
        what="rows read from the source per new row, a tick a minute",
        target=f"{TARGET:g} or less",
        measured=f"{total:.1f}",
        met=total <= TARGET,
        note=f"{new} new rows; sensor's look {each['look']:.1f}, run {each['run']:.1f}",
    )
    return Finding(lines=(line,), numbers={"new": new, "read": read})


def _fill(shop: psycopg.Connection) -> int:
    """Sell as in the minutes before, so that the lookback is as full as it would be."""
    start = datetime.now(UTC) - (LOOKBACK + 1) * MINUTE
    row = shop.execute(RECENT_SQL, (start,)).fetchone()
    assert row is not None
    missing = RATE * LOOKBACK - int(row[0])
    if missing > 0:
        sell(shop, missing, start, LOOKBACK * MINUTE, seed=76)
    return max(int(row[0]), RATE * LOOKBACK) // LOOKBACK


def _settled(shop: psycopg.Connection) -> int:
    """The counter, once it stands still: connections hand in theirs when they end."""
    deadline = time.monotonic() + PATIENCE
    before = -1
    shop.execute("SELECT pg_stat_force_next_flush()")  # what this connection has read itself
    with closing(shop.cursor()) as cursor:
        while time.monotonic() < deadline:
            time.sleep(SETTLED)
            row = cursor.execute(READ_SQL).fetchone()
            assert row is not None
            if row[0] == before:
                break
            before = int(row[0])
    return before
