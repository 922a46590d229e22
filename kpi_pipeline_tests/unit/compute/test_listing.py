from datetime import timedelta

from kpi_pipeline.compute.listing import rows_sql
from kpi_pipeline.compute.windows import Bounds
from kpi_pipeline.model.metric import Aggregation, SimpleMetric
from kpi_pipeline_tests.unit.builders import AS_OF, shop

SPAN = Bounds(AS_OF - timedelta(hours=1), AS_OF)
BY_TYPE = SimpleMetric(name="m", agg=Aggregation.SUM, expr='"amount"', group_by=("type",))


def columns_of(metric: SimpleMetric) -> tuple[str, ...]:
    return rows_sql(shop(), metric, SPAN, 9)[0]


def test_a_list_is_of_the_rows_that_the_number_is_made_of_the_newest_first() -> None:
    names, sql = rows_sql(shop(), BY_TYPE, SPAN, 100, group=("O'Neil",))

    assert names[-3:] == ("at", "value", "type")
    assert 'CAST("amount" AS numeric)' in sql
    assert "= 'O''Neil'" in sql
    assert "\"at\" >= TIMESTAMPTZ '2026-11-24 11:00:00+00:00'" in sql
    assert sql.splitlines()[-1] == "LIMIT 100"
    assert sql.splitlines()[-2].startswith("ORDER BY ")


def test_only_what_is_aggregated_is_a_value() -> None:
    count = SimpleMetric(name="m", agg=Aggregation.COUNT)
    users = SimpleMetric(name="m", agg=Aggregation.COUNT_DISTINCT, expr='"user"')
    there = SimpleMetric(name="m", agg=Aggregation.COUNT, expr='"user"')

    assert "value" not in columns_of(count)
    assert 'CAST("user" AS text)' in rows_sql(shop(), users, SPAN, 9)[1]
    assert columns_of(there)[-1] == "value"


def test_groups_that_are_summed_together_are_listed_as_the_others() -> None:
    _, all_of_them = rows_sql(shop(), BY_TYPE, SPAN, 9, apart=[("A",)])
    _, others = rows_sql(shop(), BY_TYPE, SPAN, 9, group=("(other)",), apart=[("A",)])

    assert "ELSE '(other)' END" in all_of_them
    assert all_of_them.count("WHEN") == 1
    assert "THEN 0 ELSE 1 END = 1" in others


def test_a_group_that_is_called_like_the_others_is_listed_apart_from_them() -> None:
    called = (r"\(other)",)
    _, all_of_them = rows_sql(shop(), BY_TYPE, SPAN, 9, apart=[("A",), called])
    _, own = rows_sql(shop(), BY_TYPE, SPAN, 9, group=called)

    assert r"IN ('(other)') THEN E'\\(other)' WHEN" in all_of_them
    assert "IN ('A', '(other)') THEN" in all_of_them
    assert "= '(other)'" in own
