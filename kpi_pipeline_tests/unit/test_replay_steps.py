"""How often a replay looks, where nobody says."""

from datetime import timedelta

import pytest

from kpi_pipeline.pipeline.replay import coarse_step, not_replayed
from kpi_pipeline_tests.unit.builders import shop


@pytest.mark.parametrize(
    ("every", "days", "minutes"),
    [
        pytest.param(1, 3, 1, id="as often as the pipeline"),
        pytest.param(1, 10, 3, id="less often where that is too much"),
        pytest.param(5, 10, 5, id="the pipeline's own step will do"),
        pytest.param(1, 3650, 60, id="an hour at most"),
    ],
)
def test_a_step_is_as_fine_as_time_allows(every: int, days: int, minutes: int) -> None:
    found = coarse_step(timedelta(minutes=every), timedelta(days=days))

    assert found == timedelta(minutes=minutes)


def test_what_cannot_be_replayed_is_named() -> None:
    fresh = "freshness: {warn_after: 10m}"

    assert not_replayed(shop()) == ("freshness",)
    assert not_replayed(shop(fresh, "audit: {notify: log}")) == ("freshness", "source_drift")
