"""Freshness as a rule like any other: the age of the newest row, in seconds, over a bound."""

from datetime import datetime, timedelta
from decimal import Decimal

from kpi_pipeline.compute.numbers import SECONDS
from kpi_pipeline.model.snapshot import Reading
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.model.threshold import Freshness, Threshold

NAME = "freshness"


def freshness_rule(freshness: Freshness) -> Threshold:
    """The threshold that the declared limits mean."""
    critical = freshness.critical_after
    return Threshold(
        name=NAME,
        metric=NAME,
        window="now",
        warn_above=_seconds(freshness.warn_after),
        critical_above=None if critical is None else _seconds(critical),
        notify=freshness.notify,
        unit=SECONDS,
    )


def freshness_reading(watermark: datetime | None, as_of: datetime) -> Reading:
    """How old the newest folded row is; no value before the first row."""
    return Reading(
        metric=NAME,
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


def rules_of(spec: PipelineSpec) -> tuple[Threshold, ...]:
    """Every rule of a pipeline: the declared thresholds, then freshness."""
    return (*spec.thresholds.values(), freshness_rule(spec.freshness))


def _seconds(duration: timedelta) -> Decimal:
    return Decimal(int(duration.total_seconds()))
