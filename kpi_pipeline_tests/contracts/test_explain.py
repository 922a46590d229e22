"""The SQL of an explanation gives, from any source, what was published; and runs as pasted."""

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from kpi_pipeline.compute.explanation import NULL, Explanation
from kpi_pipeline.compute.proof import Proof
from kpi_pipeline.embedded.cluster import Cluster
from kpi_pipeline.model.errors import SourceError
from kpi_pipeline.pipeline.explain import confirm, explain
from kpi_pipeline.ports.source import Answers
from kpi_pipeline.source.open import open_answers
from kpi_pipeline_tests.contracts.conftest import OPEN, Opened, opening
from kpi_pipeline_tests.contracts.shops import OtherSales

MORE = """
    mean: {agg: average, expr: amount}
    smallest: {agg: min, expr: amount / 3}
    halves: {agg: sum, expr: user_id / 2}
    with_user: {agg: count, expr: user_id}
    marked: {agg: count, filter: 'transaction_type LIKE ''f%'''}
    hidden: {agg: count, filter: 'transaction_type = ''back\\slash'''}
    by_two: {agg: count_distinct, expr: amount, group_by: [transaction_type, user_id]}
    kinds: {agg: count_distinct, expr: transaction_type}
    mean_by_type: {agg: average, expr: amount, group_by: [transaction_type], filter: user_id > 1}
    p95: {agg: percentile, percentile: 0.95, expr: amount}
    middle_by_two: {agg: median, expr: amount, group_by: [transaction_type, user_id]}
    about_users: {agg: count_distinct, expr: user_id, approximate: true}
    mean_per_user: {type: ratio, numerator: mean, denominator: unique_users}
    users_per_order: {type: ratio, numerator: unique_users, denominator: transaction_count}
    share: {type: ratio, numerator: revenue_by_type, denominator: total_revenue}
    left: {type: derived, expr: total_revenue - smallest}
    growth:
      type: derived
      expr: left - before
      metrics: [left, {name: left, alias: before, offset_window: 1 week}]
    users_2w: {type: cumulative, metric: unique_users, window: 2 weeks}
  windows:
    this_week: {grain_to_date: week}
    this_hour: {grain_to_date: hour}
    last_3d: {window: 3 days, compare: {offset_window: 1 days}}
"""
KINDS = (
    "FOOD",
    "food",
    "food ",
    "FUEL",
    "O'Neil'; DROP TABLE transactions; --",
    "back\\slash",
    "50 % :off %s ?",
    "line\nbreak\x1b[31m",
    "",
    "é" * 150,
    NULL,
)


@pytest.fixture(scope="module", params=OPEN)
def busy(
    request: pytest.FixtureRequest, postgres: Cluster, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[OtherSales]:
    """Rows of many days, some without an amount, a user or a type, some in the future."""
    with opening(request, postgres, tmp_path_factory.mktemp("busy")) as open_shop:
        yield from _busy(open_shop(request.param))


def _busy(other: OtherSales) -> Iterator[OtherSales]:
    declared = other.declaration.replace("  windows:\n", MORE.lstrip("\n"))
    shop = replace(other, declaration=declared)
    now = datetime.now(UTC)
    ages = [timedelta(minutes=9 * n) for n in range(24)] + [
        timedelta(hours=11 * n) for n in range(40)
    ]
    for n, age in enumerate([*ages, timedelta(days=-2), timedelta(hours=-3)]):
        kind = None if n % 7 == 3 else KINDS[n % 11]
        amount = None if n % 5 == 4 else f"{n * 7 % 101}.{n % 100:02}"
        shop.sell(amount, at=now - age, kind=kind, user=None if n % 6 == 5 else n % 13)
    shop.advance()
    yield shop
    shop.close()


def explained(
    shop: OtherSales, metric: str, window: str, group: tuple[str | None, ...] = ()
) -> tuple[Explanation, tuple[Proof, ...]]:
    answers = open_answers(shop.spec, shop.source_url)
    found = explain(shop.spec, shop.parts.store, metric, window, group, answers.write)
    return found, confirm(found, answers)


def pasted(shop: OtherSales, found: Explanation, *first: str) -> list[tuple[object, ...]]:
    """What a client of the owner's own answers, whose session nobody has prepared.

    Of a composed metric every statement is run, and the first one's rows are given back.
    """
    statements = [leaf.statement.sql for leaf in found.leaves]
    url = make_url(shop.source_url)
    if url.get_backend_name() == "sqlite":
        client = sqlite3.connect(str(url.database))
        client.executescript(found.before)
        first_rows, *_ = [client.execute(sql).fetchall() for sql in statements]
        client.close()
        return first_rows
    with shop.shop.connect() as connection:
        plain = connection.execution_options(no_parameters=True)
        for statement in (*first, found.before):
            plain.exec_driver_sql(statement)
        rows, *_ = [plain.exec_driver_sql(sql).fetchall() for sql in statements]
        return [tuple(row) for row in rows]


def test_every_metric_over_every_window_equals_the_source(busy: OtherSales) -> None:
    seen = []
    for metric in busy.spec.metrics:
        for window in busy.spec.windows:
            found, proofs = explained(busy, metric, window)
            rows = pasted(busy, found)
            seen += [proof for proof in proofs if proof.source is not None]

            assert [proof for proof in proofs if not proof.equal] == [], found.sql
            assert len(rows) == len(proofs) or not found.readings
    assert len(seen) > 150
    past = [n for n in range(64) if n % 6 != 5]
    assert busy.value("halves") == Decimal(sum(n % 13 for n in past)) / 2
    assert busy.value("kinds") == len({KINDS[n % 11] for n in range(64) if n % 7 != 3})


@pytest.mark.parametrize("metric", ["revenue_by_type", "by_two", "mean_by_type", "middle_by_two"])
def test_every_group_alone_equals_the_source_whatever_its_value_holds(
    busy: OtherSales, metric: str
) -> None:
    everything, _ = explained(busy, metric, "lifetime")
    for reading in everything.readings:
        found, (proof,) = explained(busy, metric, "lifetime", reading.dims)
        ((*_, rows),) = [row[:2] for row in pasted(busy, found)]

        assert proof.equal, found.sql
        assert rows == reading.rows
        assert found.sql.replace("\n", "").isprintable()
    assert len(everything.readings) >= 7
    assert busy.one("SELECT count(*) FROM transactions") == 66


def test_a_statement_that_writes_is_refused_by_the_connection(busy: OtherSales) -> None:
    answers = open_answers(busy.spec, busy.source_url)

    with pytest.raises(SourceError, match=r"(?i)readonly|read only"):
        answers.ask("DELETE FROM transactions")
    assert busy.one("SELECT count(*) FROM transactions") == 66


def test_a_source_that_is_away_hides_no_statement(busy: OtherSales) -> None:
    broken = replace(busy.spec, source=replace(busy.spec.source, table="nowhere"))
    answers: Answers = open_answers(broken, busy.source_url)

    found = explain(broken, busy.parts.store, "total_revenue", "today", (), answers.write)

    assert "no table 'nowhere'" in found.notes[0]
    assert "nowhere" in found.sql


ZONE = "America/New_York"
TWICE = datetime(2026, 11, 1, tzinfo=UTC)
NEVER = datetime(2026, 3, 8, tzinfo=UTC)


@pytest.mark.parametrize("kind", OPEN)
@pytest.mark.parametrize("day", [TWICE, NEVER], ids=["shown twice", "never shown"])
def test_windows_that_end_where_clocks_are_moved_equal_the_source(
    opened: Opened, kind: str, day: datetime
) -> None:
    shop = opened(kind, ZONE)
    for minute in range(-60, 5 * 60, 7):
        at = day.replace(tzinfo=None) + timedelta(minutes=minute)
        shop.sell_at(at.isoformat(" "), minute % 5, user=minute)
    source = shop.parts.source
    for k in range(4 * 60, 9 * 60, 25):
        source.dialect.now = f"SELECT '{(day + timedelta(minutes=k)):%Y-%m-%d %H:%M:%S}'"  # type: ignore[attr-defined]
        shop.advance()
        for window in shop.spec.windows:
            found, (proof,) = explained(shop, "unique_users", window)

            assert proof.equal, found.sql
            assert "shown" in found.notes[0] or "show twice" in found.notes[0]


@pytest.mark.parametrize("kind", ["timestamp(6) NULL", "datetime(6)"])
def test_bounds_are_right_in_any_session(opened: Opened, kind: str) -> None:
    """A TIMESTAMP follows the session's zone, DATETIME does not."""
    maria = opened("mariadb", "UTC")
    maria.run(f"ALTER TABLE transactions MODIFY created_at {kind}")
    for hours in range(0, 48, 3):
        maria.sell(hours, at=datetime.now(UTC) - timedelta(hours=hours))
    maria.advance()
    for window in maria.spec.windows:
        found, (proof,) = explained(maria, "transaction_count", window)
        ((value, _),) = pasted(
            maria,
            found,
            "SET time_zone = '+05:45', sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES'",
        )

        assert proof.equal
        assert value == proof.published


def test_a_timestamp_with_a_declared_zone_is_compared_in_utc(opened: Opened) -> None:
    maria = opened("mariadb", "UTC")
    maria.run("ALTER TABLE transactions MODIFY created_at timestamp(6) NULL")
    declared = maria.declaration.replace("timezone: UTC", "timezone: Asia/Tokyo")
    tokyo = replace(maria, declaration=declared)
    with tokyo.shop.begin() as owner:
        owner.execute(text("SET time_zone = '+00:00'"))
        for minutes in range(0, 300, 20):
            at = datetime.now(UTC).replace(tzinfo=None) - timedelta(minutes=minutes)
            owner.execute(text("INSERT INTO transactions (created_at) VALUES (:at)"), {"at": at})
    tokyo.advance()
    found, (proof,) = explained(tokyo, "transaction_count", "last_60m")
    tokyo.close()

    assert proof.equal
    assert proof.published == 3
    assert found.before == "SET time_zone = '+00:00';"


def test_however_sqlite_times_are_written_the_minute_is_compared(opened: Opened) -> None:
    lite = opened("sqlite")
    zoned = replace(lite, declaration=lite.declaration.replace(", timezone: UTC", ""))
    now = datetime.now(UTC).replace(second=59, tzinfo=None)
    for k, written in enumerate(("{0}T{1}.9996Z", "{0} {1}+00:00", "{0}T{1}Z", "{0} {1}Z")):
        for minutes in (61, 60, 59, 3):
            at = now - timedelta(minutes=minutes)
            zoned.sell_at(written.format(f"{at:%Y-%m-%d}", f"{at:%H:%M:%S}"), 10 + k)
    zoned.advance()
    found, (proof,) = explained(zoned, "total_revenue", "last_60m")
    zoned.close()

    assert proof.equal, found.sql
    assert proof.published == 2 * (10 + 11 + 12 + 13)


def test_sums_of_floats_are_equal_to_as_many_digits_as_floats_hold(opened: Opened) -> None:
    lite = opened("sqlite")
    lite.run(
        "INSERT INTO transactions (created_at, amount) WITH RECURSIVE n(i) AS "
        "(SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) "
        "SELECT datetime('now', '-5 minutes'), 0.1 FROM n"
    )
    lite.advance()
    _, (summed,) = explained(lite, "total_revenue", "lifetime")
    _, (divided,) = explained(lite, "avg_order_value", "lifetime")
    _, (counted,) = explained(lite, "transaction_count", "lifetime")
    _, (largest,) = explained(lite, "largest", "lifetime")
    lite.run("UPDATE transactions SET amount = 0.11 WHERE transaction_id = 7")
    _, (changed,) = explained(lite, "total_revenue", "lifetime")

    assert summed.equal
    assert summed.source != summed.published == 500
    assert 12 <= (summed.digits or 0) <= 15
    assert divided.digits is not None
    assert (counted.equal, counted.digits, largest.equal, largest.digits) == (True, None) * 2
    assert not changed.equal
