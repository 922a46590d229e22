from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from kpi_pipeline.compute.freshness import freshness_reading, freshness_rule
from kpi_pipeline.compute.rules import rules_of
from kpi_pipeline.model.moment import MINUTE
from kpi_pipeline.model.threshold import Freshness, Threshold
from kpi_pipeline_tests.unit.builders import AS_OF, sales


@pytest.mark.parametrize(
    ("critical_after", "critical_above"),
    [
        pytest.param(timedelta(hours=1), Decimal(3600), id="two limits"),
        pytest.param(None, None, id="one limit"),
    ],
)
def test_limits_of_age_are_bounds_in_seconds(
    critical_after: timedelta | None, critical_above: Decimal | None
) -> None:
    limits = Freshness(
        warn_after=timedelta(minutes=10), critical_after=critical_after, notify=("log",)
    )

    assert freshness_rule(limits) == Threshold(
        name="freshness",
        metric="freshness",
        window="now",
        warn_above=Decimal(600),
        critical_above=critical_above,
        notify=("log",),
        unit="s",
    )


@pytest.mark.parametrize(
    ("watermark", "expected"),
    [
        pytest.param(AS_OF - 5 * MINUTE, Decimal(300), id="five minutes"),
        pytest.param(AS_OF, Decimal(0), id="none"),
        pytest.param(None, None, id="before the first row there is no age"),
    ],
)
def test_the_age_of_the_newest_row_is_read_in_seconds(
    watermark: datetime | None, expected: Decimal | None
) -> None:
    assert freshness_reading(watermark, AS_OF).value == expected


def test_freshness_is_the_last_rule() -> None:
    assert [rule.name for rule in rules_of(sales())] == ["aov_low", "milestone", "freshness"]
