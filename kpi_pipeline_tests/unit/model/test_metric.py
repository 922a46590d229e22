from dataclasses import replace

import pytest

from kpi_pipeline.model.metric import Aggregation, SimpleMetric

METRIC = SimpleMetric(name="revenue", agg=Aggregation.SUM, expr='"amount"')


@pytest.mark.parametrize(
    "edited",
    [
        pytest.param(replace(METRIC, agg=Aggregation.MAX), id="its aggregation"),
        pytest.param(replace(METRIC, expr='"tax"'), id="its expression"),
        pytest.param(replace(METRIC, expr=None), id="no expression"),
        pytest.param(replace(METRIC, filter='"amount" > 0'), id="its filter"),
        pytest.param(replace(METRIC, group_by=("kind",)), id="its groups"),
        pytest.param(replace(METRIC, group_by=("kind", "shop")), id="its groups, two of them"),
    ],
)
def test_an_edited_metric_has_another_definition(edited: SimpleMetric) -> None:
    assert edited.definition("orders") != METRIC.definition("orders")


def test_another_table_is_another_definition() -> None:
    assert METRIC.definition("orders") != METRIC.definition("returns")


@pytest.mark.parametrize(
    "edited",
    [
        pytest.param(replace(METRIC, name="turnover"), id="its name"),
        pytest.param(replace(METRIC, unit="USD"), id="its unit"),
        pytest.param(replace(METRIC, most_groups=7), id="how many groups it keeps apart"),
    ],
)
def test_what_the_buckets_do_not_depend_on_keeps_the_definition(edited: SimpleMetric) -> None:
    assert edited.definition("orders") == METRIC.definition("orders")
