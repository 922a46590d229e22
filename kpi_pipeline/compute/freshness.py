"""Freshness as a rule like any other: the age of the newest row, in seconds, over a bound."""

from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache

from kpi_pipeline.compute.numbers import SECONDS
from kpi_pipeline.model.snapshot import Reading
from kpi_pipeline.model.threshold import FRESHNESS, Freshness, Threshold


@lru_cache(maxsize=100)
def freshness_rule(freshness: Freshness) -> Threshold:
    """The threshold that the declared limits mean."""
    critical = freshness.critical_after
    return Threshold(
        name=FRESHNESS,
        metric=FRESHNESS,
        window="now",
        warn_above=_seconds(freshness.warn_after),
        critical_above=None if critical is None else _seconds(critical),
        repeat=freshness.repeat,
        owner=freshness.owner,
        runbook=freshness.runbook,
        notify=freshness.notify,
        notify_critical=freshness.notify_critical,
        unit=SECONDS,
    )


def freshness_reading(watermark: datetime | None, as_of: datetime) -> Reading:
    """How old the newest folded row is; no value before the first row."""
    return Reading(
        metric=FRESHNESS,
        window="now",
        dims=(),
        value=None if watermark is None else _seconds(as_of - watermark),
        rows=1,
        unit=SECONDS,
        start=None,
        end=as_of,
        baseline=None,
        building=False,
    )


def _seconds(duration: timedelta) -> Decimal:
    return Decimal(int(duration.total_seconds()))
