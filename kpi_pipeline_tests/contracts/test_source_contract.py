"""What every source promises, held against its rows, bucket by bucket."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from kpi_pipeline.model.batch import Slice
from kpi_pipeline.model.errors import SourceError
from kpi_pipeline.model.moment import Interval
from kpi_pipeline_tests.contracts.shops import OtherSales
from kpi_pipeline_tests.sales import Sales
from kpi_pipeline_tests.truth import assert_state_equals_source

NOW = datetime.now(UTC)
AGES = [timedelta(minutes=m) for m in (0, 1, 7, 61, 300)] + [
    timedelta(days=d, minutes=d) for d in (1, 2, 20, 34, 36, 40, 90, 400)
]
"""Of rows on both sides of midnight, and of the age at which minutes become days."""


def fill(shop: Sales) -> None:
    for i, age in enumerate(AGES):
        for k in range(3):
            kind = (None, "FOOD", "food ", "Käse: 5 %")[(i + k) % 4]
            shop.sell(Decimal("10.10") * (k * 3), at=NOW - age, kind=kind, user=i % 4 or None)
    shop.sell(None, at=NOW - timedelta(days=50), kind=None, user=None)


def test_an_empty_table_is_folded_to_nothing(shop: Sales) -> None:
    outcome = shop.advance()

    assert outcome.report is not None
    assert outcome.report.undated == 0
    assert shop.value("transaction_count") == 0
    assert shop.parts.source.extent() is None


def test_the_first_fill_equals_the_rows(shop: Sales) -> None:
    fill(shop)

    shop.advance()

    assert_state_equals_source(shop)
    assert shop.value("transaction_count") == 3 * len(AGES) + 1
    assert shop.value("unique_users") == 3
    assert shop.value("total_revenue") == Decimal("90.90") * len(AGES)
    assert shop.value("avg_order_value") is not None


def test_nothing_is_due_where_nothing_changed(shop: Sales) -> None:
    fill(shop)
    shop.advance()
    shop.advance()
    position = shop.parts.store.load().position

    found = shop.parts.source.detect(position)

    assert (found.changed, found.everything) == ((), None)


def test_late_rows_and_updates_within_the_lookback_are_found(shop: Sales) -> None:
    fill(shop)
    shop.advance()

    shop.sell(3, at=datetime.now(UTC) - timedelta(minutes=9), kind=None)
    shop.advance()
    assert_state_equals_source(shop)

    shop.run("UPDATE transactions SET amount = 77 WHERE amount = 3")
    shop.advance()
    assert_state_equals_source(shop)
    assert shop.value("largest") == 77


def test_rows_are_found_one_by_one_by_looks_that_follow_each_other(shop: Sales) -> None:
    for amount in range(1, 8):
        shop.sell(amount, user=amount)
        shop.advance()

    assert shop.value("total_revenue") == 28
    assert_state_equals_source(shop)


def test_rows_of_the_future_are_folded_and_do_not_move_the_watermark(shop: Sales) -> None:
    shop.sell(1, at=NOW)
    for ahead in (timedelta(hours=1), timedelta(days=3), timedelta(days=3000)):
        shop.sell(5, at=NOW + ahead)
    outcome = shop.advance()

    assert outcome.published is not None
    assert outcome.published.snapshot.future_rows == 3
    assert shop.value("total_revenue") == 1
    assert outcome.published.snapshot.watermark is not None
    assert outcome.published.snapshot.watermark <= outcome.published.snapshot.as_of
    shop.sell(2, at=NOW + timedelta(days=3000))
    assert shop.peek().due
    shop.advance()
    assert_state_equals_source(shop)


def test_the_watermark_is_the_time_of_the_newest_row(shop: Sales) -> None:
    at = datetime.now(UTC) - timedelta(minutes=3, seconds=7)
    shop.sell(1, at=at)

    outcome = shop.advance()

    assert outcome.published is not None
    assert outcome.published.snapshot.watermark == at


def test_a_rewind_changes_no_number(shop: Sales) -> None:
    fill(shop)
    shop.advance()
    before = shop.value("total_revenue")

    shop.rewind()
    shop.advance()

    assert shop.value("total_revenue") == before
    assert_state_equals_source(shop)


def test_the_position_of_another_source_means_everything(shop: Sales) -> None:
    shop.sell(1)
    foreign = '{"kind":"elsewhere","oid":1,"file":1,"cluster":"x","anchors":[],"prints":[]}'

    found = shop.parts.source.detect(foreign)

    assert found.everything is not None


def test_rows_before_the_declared_start_are_never_folded(shop: Sales) -> None:
    text = shop.declaration.replace("  metrics:", "  start: 2020-01-01\n  metrics:", 1)
    late = replace(shop, declaration=text)
    late.sell(1, at=datetime(2019, 12, 31, 23, 59, 59, tzinfo=UTC))
    late.sell(2, at=datetime(2020, 1, 1, tzinfo=UTC))

    late.advance()

    assert late.value("total_revenue") == 2
    late.close()


def test_a_slice_is_minutes_and_days_and_nothing_of_their_neighbours(shop: Sales) -> None:
    day = datetime(2026, 3, 3, 5, tzinfo=UTC)  # midnight in New York
    for at in (day, day + timedelta(hours=23, minutes=59, seconds=59)):
        shop.sell(1, at=at)
    for at in (day - timedelta(seconds=1), day + timedelta(days=1)):
        shop.sell(100, at=at)
    noon = Interval(day + timedelta(hours=12), day + timedelta(hours=13))

    batch = shop.parts.source.aggregate(
        Slice(minutes=(noon,), days=(Interval(day, day + timedelta(days=1)),)), NOW
    )

    totals = [(a.bucket, a.total) for a in batch.days if a.metric == "total_revenue"]
    assert totals == [(day, Decimal(2))]
    assert (batch.minutes, batch.rows) == ([], 2)


@pytest.mark.parametrize(
    ("right", "wrong", "message"),
    [
        ("_type]", "_typ]", "no column 'transaction_typ' (did you mean 'transaction_type'?)"),
        ("sion: created_at", "sion: create_at", "(did you mean 'created_at'?)"),
        ("expr: amount,", "expr: amout,", "metrics.total_revenue.expr"),
    ],
    ids=["group", "event time", "expression"],
)
def test_a_missing_column_is_named_with_the_nearest(
    shop: Sales, right: str, wrong: str, message: str
) -> None:
    typo = replace(shop, declaration=shop.declaration.replace(right, wrong))

    with pytest.raises(SourceError) as caught:
        typo.advance()
    typo.close()

    assert message in str(caught.value)


def test_a_missing_table_is_named_with_the_nearest(shop: Sales) -> None:
    shop.run("CREATE TABLE takings (id integer)")
    text = shop.declaration.replace("public.transactions", "public.taking")
    text = text.replace("table: transactions", "table: taking").replace(
        "table: seen", "table: taking"
    )
    typo = replace(shop, declaration=text)

    with pytest.raises(SourceError, match=r"did you mean '(public\.)?takings'"):
        typo.advance()
    typo.close()


def test_deletes_within_the_lookback_are_found_where_rows_do_not_tell_who_wrote_them(
    other: OtherSales,
) -> None:
    fill(other)
    other.sell(3, at=datetime.now(UTC) - timedelta(minutes=2))
    other.advance()

    other.run("DELETE FROM transactions WHERE amount = 3")
    other.advance()

    assert_state_equals_source(other)


def test_every_look_states_the_bounded_guarantee(other: OtherSales) -> None:
    found = other.parts.source.detect(None)

    assert found.guarantee == "bounded(15m)"
    assert abs(found.as_of - datetime.now(UTC)) < timedelta(seconds=5)
    assert other.parts.source.detect(found.position, sweep=True).changed == ()
