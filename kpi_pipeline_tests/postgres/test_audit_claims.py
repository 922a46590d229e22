"""What an audit says is what it did: nothing is called verified that was not compared."""

from datetime import UTC, datetime, timedelta

from kpi_pipeline_tests.postgres.test_audit import NEWER
from kpi_pipeline_tests.sales import Sales


def test_rows_that_were_deleted_beside_an_infinite_amount_are_mended(sales: Sales) -> None:
    sales.run("ALTER TABLE transactions ALTER amount TYPE numeric")
    at = datetime.now(UTC) - timedelta(days=3)
    for amount in ("Infinity", "1"):
        sales.sell(amount, at=at)
    sales.run(NEWER)
    sales.advance()
    sales.run("DELETE FROM transactions WHERE amount = 1")

    found = sales.audit(repair=True)

    assert found.queued == 1
    assert found.difference == {"transaction_count": 1}
    sales.advance()
    assert sales.audit().drifted == 0


def test_infinities_of_both_signs_do_not_stop_the_audit(sales: Sales) -> None:
    sales.run("ALTER TABLE transactions ALTER amount TYPE numeric")
    for days, amount in ((3, "Infinity"), (4, "-Infinity")):
        sales.sell(amount, at=datetime.now(UTC) - timedelta(days=days), user=days)
    sales.run(NEWER)
    sales.advance()
    sales.run("DELETE FROM transactions WHERE user_id IN (3, 4)")

    found = sales.audit(repair=True)

    assert found.difference["total_revenue"].is_nan()
    assert sales.parts.store.audit() is not None
    assert found.queued == 2
