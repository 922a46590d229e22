"""What the guarantee covers: `exact` where keys find backdated rows, `bounded` elsewhere."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from kpi_pipeline.model.batch import Batch, Slice
from kpi_pipeline.model.errors import SourceTimeoutError
from kpi_pipeline.model.moment import total_minutes
from kpi_pipeline.source.position import load_position
from kpi_pipeline.source.postgres.source import PostgresSource
from kpi_pipeline_tests.sales import DECLARATION, Sales
from kpi_pipeline_tests.truth import assert_state_equals_source

KEYLESS = DECLARATION.replace("key: transaction_id, ", "")


def test_without_a_key_a_row_that_an_application_dated_is_found_within_the_lookback(
    sales: Sales,
) -> None:
    keyless = replace(sales, declaration=KEYLESS)
    keyless.sell(1)
    outcome = keyless.advance()

    for seconds in (3, 300, 840):
        keyless.sell(2, at=datetime.now(UTC) - timedelta(seconds=seconds))
        keyless.advance()

    assert outcome.published is not None
    assert outcome.published.snapshot.guarantee == "bounded(15m)"
    assert outcome.report is not None
    assert "no indexed whole-number key" in outcome.report.warnings[0]
    assert keyless.value("total_revenue") == 7
    assert_state_equals_source(keyless)
    keyless.close()


def test_a_view_that_nobody_looked_at_for_long_is_read_since_the_last_look(sales: Sales) -> None:
    sales.run("CREATE VIEW v AS SELECT * FROM transactions")
    declaration = DECLARATION.replace("public.transactions", "v").replace(
        "created_at}", "created_at, lookback: 1s}"
    )
    view = replace(sales, declaration=declaration)
    view.sell(1)
    view.advance()
    position = view.parts.store.load().position
    assert position is not None
    earlier = replace(
        load_position(position), looked=(datetime.now(UTC) - timedelta(days=2)).isoformat()
    )

    view.sell(2, at=datetime.now(UTC) - timedelta(days=1))

    found = view.parts.source.detect(earlier.dump()).changed
    assert [item.minutes for item in found] == [1]
    view.close()


def test_another_cluster_with_the_same_tables_is_folded_anew(sales: Sales) -> None:
    sales.sell(1)
    sales.advance()
    position = sales.parts.store.load().position
    assert position is not None
    other = replace(load_position(position), cluster="7/1")

    found = sales.parts.source.detect(other.dump())

    assert found.everything == "the source is another cluster, or was restored"


@pytest.mark.parametrize("position", ["", "{}", "nonsense", '{"kind": "horizon", "from": 2030}'])
@pytest.mark.parametrize("name", ["public.transactions", "v"], ids=["table", "view"])
def test_a_position_of_another_release_folds_everything_again(
    sales: Sales, name: str, position: str
) -> None:
    sales.run("CREATE VIEW v AS SELECT * FROM transactions")
    own = replace(sales, declaration=DECLARATION.replace("public.transactions", name))
    own.sell(1)

    found = own.parts.source.detect(position)
    own.close()

    assert found.everything == "the stored position is of another release"
    assert own.parts.source.detect(found.position).everything is None
    own.close()


def test_a_row_that_is_written_again_and_again_does_not_hide_history(
    sales: Sales, monkeypatch: pytest.MonkeyPatch
) -> None:
    sales.run(
        "INSERT INTO transactions (created_at, amount) "
        "SELECT now() - n * interval '1 day', 1 FROM generate_series(1, 60) AS n"
    )
    real = PostgresSource.aggregate

    def busy(self: PostgresSource, *args: object) -> object:
        sales.sell(1)
        return real(self, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(PostgresSource, "aggregate", busy)
    monkeypatch.setattr("kpi_pipeline.pipeline.pace.MOST_DAYS", 1)
    lefts = [sales.advance(seconds=0).left_minutes for _ in range(12)]

    assert all(later < earlier for earlier, later in pairwise(lefts))
    assert lefts[0] - lefts[-1] >= 10 * 1440


def test_rows_of_the_far_future_do_not_keep_today_waiting(sales: Sales) -> None:
    sales.sell(5)
    sales.sell(7, at=datetime.now(UTC) - timedelta(days=40))
    sales.sell(1000, at=datetime(9990, 1, 1, tzinfo=UTC))

    outcome = sales.advance(seconds=0)

    assert sales.value("transaction_count", "today") == 1
    assert outcome.steps == 1
    assert sales.advance().steps < 20
    assert sales.value("total_revenue") == 12


def test_rows_before_a_start_within_a_day_are_never_counted(sales: Sales) -> None:
    start = datetime.now(UTC) - timedelta(days=50)
    declared = DECLARATION.replace("  metrics:", f"  start: '{start.isoformat()}'\n  metrics:", 1)
    late = replace(sales, declaration=declared)
    late.sell(1, at=start - timedelta(seconds=30))
    late.sell(2, at=start + timedelta(seconds=30))

    late.advance()

    assert late.value("total_revenue") == 2
    late.close()


def test_a_slice_that_takes_the_source_too_long_is_made_smaller(
    sales: Sales, monkeypatch: pytest.MonkeyPatch
) -> None:
    sales.run(
        "INSERT INTO transactions (created_at, amount) "
        "SELECT now() - n * interval '1 day', 1 FROM generate_series(1, 60) AS n"
    )
    real = PostgresSource.aggregate

    def slow(self: PostgresSource, piece: Slice, as_of: datetime) -> Batch:
        if total_minutes(piece.intervals) > 6 * 1440:
            raise SourceTimeoutError("canceling statement due to statement timeout")
        return real(self, piece, as_of)

    monkeypatch.setattr(PostgresSource, "aggregate", slow)

    assert sales.advance().left_minutes == 0
    assert_state_equals_source(sales)


def test_a_day_that_takes_the_source_too_long_fails_the_run(
    sales: Sales, monkeypatch: pytest.MonkeyPatch
) -> None:
    sales.sell(1)

    def slow(*_: object) -> Batch:
        raise SourceTimeoutError("canceling statement due to statement timeout")

    monkeypatch.setattr(PostgresSource, "aggregate", slow)

    with pytest.raises(SourceTimeoutError, match="statement timeout"):
        sales.advance()


def test_an_update_of_a_row_within_the_lookback_is_found_at_once(sales: Sales) -> None:
    sales.sell(10, at=datetime.now(UTC) - timedelta(minutes=10))
    sales.advance()
    sales.advance()

    sales.run("UPDATE transactions SET amount = 4")

    assert sales.peek().due
    sales.advance()
    assert sales.value("total_revenue") == 4


def test_another_key_is_not_compared_with_what_the_last_look_knew_of_the_first(
    sales: Sales,
) -> None:
    sales.run("ALTER TABLE transactions ADD receipt bigint; CREATE INDEX ON transactions (receipt)")
    sales.run("ALTER TABLE transactions ALTER transaction_id RESTART 100000")
    sales.sell(1)
    sales.advance()
    rekeyed = DECLARATION.replace("key: transaction_id", "key: receipt")
    other = replace(sales, declaration=rekeyed)

    sales.run(
        "INSERT INTO transactions (receipt, created_at, amount) "
        "VALUES (7, now() - interval '3 days', 2)"
    )
    other.advance()

    assert other.value("total_revenue") == 3
    assert_state_equals_source(other)
    other.close()
