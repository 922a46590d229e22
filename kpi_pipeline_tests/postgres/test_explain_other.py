"""Groups that are summed together are explained, and proven, as they are published."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from kpi_pipeline.model.batch import Dims
from kpi_pipeline.model.group import OTHER
from kpi_pipeline.pipeline.explain import confirm, explain
from kpi_pipeline.source.postgres.answers import PostgresAnswers
from kpi_pipeline_tests.sales import DECLARATION, Sales

KINDS = ("a", None, "b", "c", "c", "o'x\\", OTHER)


def proofs(
    sales: Sales, metric: str, group: Dims = (), window: str = "lifetime"
) -> dict[Dims, bool]:
    found = explain(sales.spec, sales.parts.store, metric, window, group)
    answers = PostgresAnswers(sales.spec, sales.source_url)
    return {proof.dims: proof.equal for proof in confirm(found, answers)}


@pytest.mark.parametrize("columns", ["transaction_type", "transaction_type, user_id"])
@pytest.mark.parametrize("first", ["a", None], ids=["a value", "no value"])
def test_the_others_and_every_named_group_are_equal(
    sales: Sales, first: str | None, columns: str
) -> None:
    few = DECLARATION.replace(
        "revenue_by_type: {agg: sum, expr: amount, group_by: [transaction_type], unit: USD}",
        f"""by: {{agg: sum, expr: amount, group_by: [{columns}], most_groups: 2}}
    users_by: {{agg: count_distinct, expr: user_id, group_by: [{columns}], most_groups: 2}}""",
    )
    shop = replace(sales, declaration=few)
    shop.sell(3, kind=first)
    shop.sell(3, kind="second")
    shop.advance()
    for number, kind in enumerate(KINDS):
        shop.sell(number + 1, kind=kind, user=1)
    shop.advance()
    others: Dims = (OTHER,) * len(columns.split(","))

    found = [proofs(shop, "by"), proofs(shop, "users_by")]
    alone = proofs(shop, "by", others)

    for each in found:
        assert len(each) == 3
        assert others in each
        assert all(each.values())
    assert alone == {others: True}
    shop.close()


def test_a_window_that_holds_none_but_others_is_equal(sales: Sales) -> None:
    few = DECLARATION.replace(
        "group_by: [transaction_type],", "group_by: [transaction_type], most_groups: 1,"
    )
    shop = replace(sales, declaration=few)
    shop.sell(3, kind="a", at=datetime.now(UTC) - timedelta(days=2))
    shop.advance()
    shop.sell(4, kind="b")
    shop.sell(5, kind="c")
    shop.advance()

    for group in ((), (OTHER,)):
        assert proofs(shop, "revenue_by_type", group, "last_60m") == {(OTHER,): True}
    shop.close()
