from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from kpi_pipeline.model.threshold import Threshold
from kpi_pipeline_tests.unit.builders import RULE


@pytest.mark.parametrize(
    "edited",
    [
        pytest.param(replace(RULE, name="other"), id="its name"),
        pytest.param(replace(RULE, metric="revenue"), id="its metric"),
        pytest.param(replace(RULE, window="hour"), id="its window"),
        pytest.param(replace(RULE, warn_below=Decimal(29)), id="a bound"),
        pytest.param(replace(RULE, warn_below=None), id="a bound taken away"),
        pytest.param(replace(RULE, clear_above=Decimal(31)), id="a clear bound"),
        pytest.param(replace(RULE, lasting=timedelta(minutes=5)), id="how long"),
        pytest.param(replace(RULE, min_count=1), id="how many"),
    ],
)
def test_an_edited_rule_is_another_rule(edited: Threshold) -> None:
    assert edited.definition != RULE.definition


def test_who_is_told_is_not_part_of_the_rule() -> None:
    assert replace(RULE, notify=("log",)).definition == RULE.definition
