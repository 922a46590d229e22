"""What a metric is, in a few words."""

import pytest

from kpi_pipeline.dashboard.explanation import definition
from kpi_pipeline_tests.unit.builders import shop

AVERAGE = "    average: {type: ratio, numerator: revenue, denominator: orders}\n"
MORE = """\
    users: {agg: count_distinct, expr: user_id, filter: amount > 0}
    slow: {agg: percentile, percentile: 0.95, expr: wait}
    growth:
      type: derived
      expr: revenue - before
      metrics: [revenue, {name: revenue, alias: before, offset_window: 7 days}]
    month: {type: cumulative, metric: revenue, window: 28 days}
"""


@pytest.mark.parametrize(
    ("metric", "words"),
    [
        ("orders", "count of rows"),
        ("slow", 'percentile 0.95 of "wait"'),
        ("average", "revenue / orders"),
        ("growth", "revenue - before; before = revenue, 7 days before"),
        ("month", "revenue over the last 28 days"),
    ],
)
def test_a_definition_is_said_in_a_few_words(metric: str, words: str) -> None:
    assert definition(shop(AVERAGE, AVERAGE + MORE).metrics[metric]) == words
