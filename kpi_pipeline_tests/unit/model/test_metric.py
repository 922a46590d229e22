from dataclasses import replace
from decimal import Decimal

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
        pytest.param(replace(METRIC, approximate=True), id="an estimate"),
        pytest.param(replace(METRIC, percentile=Decimal("0.9")), id="a percentile"),
        pytest.param(replace(METRIC, relative_error=Decimal("0.9")), id="an error of as much"),
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
        pytest.param(replace(METRIC, description="Of all shops."), id="what is said about it"),
        pytest.param(replace(METRIC, most_groups=7), id="how many groups it keeps apart"),
    ],
)
def test_what_the_buckets_do_not_depend_on_keeps_the_definition(edited: SimpleMetric) -> None:
    assert edited.definition("orders") == METRIC.definition("orders")


def test_exact_metrics_keep_the_hash_that_earlier_releases_gave_them() -> None:
    assert METRIC.definition("orders") == "da4137e2d9a897e2"


def test_however_a_percentile_is_written_it_is_the_same() -> None:
    half, long = (replace(METRIC, percentile=Decimal(text)) for text in ("0.5", "0.50"))

    assert half.definition("orders") == long.definition("orders")
