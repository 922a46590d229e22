"""The state held against the source, bucket by bucket, group by group, member by member."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from kpi_pipeline.compute.grains import end_of, floor
from kpi_pipeline.compute.retention import Retention, retention
from kpi_pipeline.compute.statistic import members
from kpi_pipeline.compute.statistic.identity import NUMBERS
from kpi_pipeline.model.batch import Grain
from kpi_pipeline_tests.sales import Sales

STATE = """
SELECT p.grain, p.bucket, s.metric, s.dims, p.rows, p.total, p.high, p.sketch, s.definition
FROM kpi.partial p JOIN kpi.series s ON s.id = p.series_id
"""
MEMBERS = "SELECT id, value FROM kpi.member"

Key = tuple[str, datetime, str, tuple[str | None, ...]]
Content = tuple[int, Decimal | None, Decimal | None, frozenset[str]]


def assert_state_equals_source(sales: Sales) -> None:
    """Fails with the buckets that differ."""
    expected, actual = source_buckets(sales), state_buckets(sales)
    differing = {
        key: (expected.get(key), actual.get(key))
        for key in expected.keys() | actual.keys()
        if expected.get(key) != actual.get(key)
    }

    assert differing == {}


def state_buckets(sales: Sales, known: Mapping[str, str] | None = None) -> dict[Key, Content]:
    """What the state holds; only of known definitions by metric, if any are given."""
    names = {row[0]: row[1] for row in sales.state_rows(MEMBERS)}
    found: dict[Key, Content] = {}
    for *row, definition in sales.state_rows(STATE):
        grain, bucket, metric, dims, rows, total, high, encoded = row
        if known is not None and known.get(str(metric)) != definition:
            continue
        ids = members.decode(bytes(encoded)) if isinstance(encoded, bytes) else ()
        people = frozenset(str(i - NUMBERS if i >= NUMBERS else names[i]) for i in ids)
        found[str(grain), bucket, str(metric), tuple(dims)] = (rows, total, high, people)  # type: ignore[index, arg-type, assignment]
    return found


def source_buckets(sales: Sales) -> dict[Key, Content]:
    """What it should hold, row by row in Python from the source."""
    latest = sales.parts.store.latest()
    assert latest is not None
    kept = retention(sales.spec, latest.snapshot.as_of)
    groups: dict[Key, list[tuple[Decimal | None, int | None]]] = defaultdict(list)
    for at, amount, kind, user in sales.rows():
        for grain, bucket in _buckets(at, kept, sales):
            groups[grain, bucket, "", ()].append((amount, user))
            groups[grain, bucket, "by_type", (kind,)].append((amount, user))
    found: dict[Key, Content] = {}
    for (grain, bucket, split, dims), rows in groups.items():
        found.update(_contents(grain, bucket, split, dims, rows))
    return found


def _buckets(at: datetime, kept: Retention, sales: Sales) -> list[tuple[str, datetime]]:
    zone = sales.spec.timezone
    there = set(Grain) if at >= kept.minutes_from else {Grain.DAY, Grain.MONTH, Grain.YEAR}
    starts = [(grain, floor(at, grain, zone)) for grain in Grain if grain in there]
    return [
        (grain.value, start)
        for grain, start in starts
        if grain is Grain.MINUTE or end_of(start, grain, zone) <= kept.made
    ]


def _contents(
    grain: str,
    bucket: datetime,
    split: str,
    dims: tuple[str | None, ...],
    rows: list[tuple[Decimal | None, int | None]],
) -> dict[Key, Content]:
    amounts = [amount for amount, _ in rows if amount is not None]
    total = sum(amounts, Decimal(0)) if amounts else None
    nobody: frozenset[str] = frozenset()
    if split:
        return {(grain, bucket, "revenue_by_type", dims): (len(rows), total, None, nobody)}
    users = frozenset(str(user) for _, user in rows if user is not None)
    big = sum(1 for amount in amounts if amount >= 50)
    found: dict[Key, Content] = {
        (grain, bucket, "total_revenue", ()): (len(rows), total, None, nobody),
        (grain, bucket, "transaction_count", ()): (len(rows), None, None, nobody),
        (grain, bucket, "unique_users", ()): (len(rows), None, None, users),
        (grain, bucket, "largest", ()): (len(rows), None, max(amounts, default=None), nobody),
    }
    if big:
        found[grain, bucket, "big_orders", ()] = (big, None, None, nobody)
    return found
