"""Somebody else's database: never written, never read for long, one snapshot, no secret told."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError

from kpi_pipeline.model.batch import Slice
from kpi_pipeline.model.errors import SourceTimeoutError
from kpi_pipeline.model.moment import Interval
from kpi_pipeline.source.sql import connection
from kpi_pipeline.source.sql.source import SqlSource
from kpi_pipeline_tests.contracts.shops import OtherSales
from kpi_pipeline_tests.truth import assert_state_equals_source

NOW = datetime.now(UTC)


def source_of(shop: OtherSales) -> SqlSource:
    source = shop.parts.source
    assert isinstance(source, SqlSource)
    return source


@pytest.mark.parametrize(
    "statement",
    ["DELETE FROM transactions", "CREATE TABLE t (a integer)", "UPDATE transactions SET amount=1"],
    ids=["delete", "create", "update"],
)
def test_a_source_cannot_write(other: OtherSales, statement: str) -> None:
    other.sell(1)
    other.advance()

    with source_of(other).engine.connect() as reader, pytest.raises(DBAPIError) as caught:
        reader.execute(text(statement))

    assert any(word in str(caught.value).lower() for word in ("read only", "readonly"))


def test_a_statement_that_runs_too_long_is_ended(
    other: OtherSales, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "STATEMENT_SECONDS", 0.2)
    for _ in range(60):
        other.sell(1)
    many = ", ".join(f"transactions t{k}" for k in range(6))
    other.run(f"CREATE VIEW slow AS SELECT t0.* FROM {many}")  # noqa: S608 - names of our own
    slow = replace(
        other, declaration=other.declaration.replace("table: transactions", "table: slow")
    )

    with pytest.raises(SourceTimeoutError, match=r"source database: .*(interrupted|max_statement)"):
        slow.parts.source.detect(None)
    slow.close()


def test_every_question_of_a_slice_sees_the_same_rows(other: OtherSales) -> None:
    if other.source_url.startswith("sqlite"):
        other.run("PRAGMA journal_mode = WAL")
    for amount in (1, 2):
        other.sell(amount, user=amount, at=NOW)
    source = source_of(other)
    seen = []

    def meddle(*args: object) -> None:
        if "kpi_sum" in str(args[2]) or "sum(" in str(args[2]):
            other.sell(100, user=100, at=NOW)
            seen.append(args[2])

    event.listen(source.engine, "after_cursor_execute", meddle)
    around = Interval(NOW - timedelta(minutes=5), NOW + timedelta(minutes=5))
    batch = source.aggregate(Slice(minutes=(around,)), NOW + timedelta(minutes=1))
    event.remove(source.engine, "after_cursor_execute", meddle)

    assert len(seen) >= 2
    assert batch.rows == 2
    by_metric = {a.metric: a for a in batch.minutes}
    assert by_metric["revenue_by_type"].total == 3
    assert by_metric["unique_users"].members == ("1", "2")
    other.advance()
    assert_state_equals_source(other)


def test_a_table_without_an_index_is_read_and_the_index_is_told(
    other: OtherSales,
) -> None:
    tail = " ON transactions" if other.source_url.startswith("mariadb") else ""
    other.run(f"DROP INDEX transactions_created_at_idx{tail}")
    other.sell(1)

    (warning, *_) = other.parts.source.inspect().warnings
    statement = warning.partition("whole table: ")[2]
    other.run(statement)

    assert "no index on created_at" in warning
    assert not [w for w in other.parts.source.inspect().warnings if "index" in w]
    other.advance()
    assert_state_equals_source(other)


def test_rows_without_an_event_time_are_counted(other: OtherSales) -> None:
    other.sell(1)
    other.sell_at(None, 2)
    other.sell_at("9999-12-31 00:00:00", 4)

    outcome = other.advance()

    assert outcome.report is not None
    assert outcome.report.undated == 2
    assert other.value("total_revenue") == 1


def test_a_filter_means_the_same_as_in_postgresql(other: OtherSales) -> None:
    filters = [
        ("transaction_type ILIKE 'f%'", 2),
        ("transaction_type = 'it''s: 5\\% {x}'", 1),
        ("transaction_type || 'x' = 'FOODx'", 1),
        ("amount BETWEEN 2 AND 3 AND NOT user_id IN (7)", 1),
        ("CASE WHEN amount > 2 THEN TRUE ELSE FALSE END", 2),
        ("GREATEST(amount, 3) = 3 AND COALESCE(user_id, 0) = 7", 2),
        ("LENGTH(TRIM(transaction_type)) = 4", 2),
        ("ROUND(amount / 2, 1) = 1.5", 1),
    ]
    other.sell(1, kind="FOOD", user=7)
    other.sell(2, kind="food", user=2)
    other.sell(3, kind="it's: 5\\% {x}", user=7)
    other.sell(4, kind=None, user=None)
    metrics = "".join(
        f"    f{i}: {{agg: count, filter: {_quoted(sql)}}}\n" for i, (sql, _) in enumerate(filters)
    )
    filtered = replace(
        other, declaration=other.declaration.replace("  windows:", f"{metrics}  windows:")
    )
    filtered.advance()

    found = [filtered.value(f"f{i}") for i in range(len(filters))]
    filtered.close()

    if other.source_url.startswith("mariadb"):
        filters[2] = (filters[2][0], 2)  # its collation takes food and FOOD for one
    assert found == [count for _, count in filters]


def _quoted(sql: str) -> str:
    return "'" + sql.replace("'", "''") + "'"
