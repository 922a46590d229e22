"""Small, valid values for tests to start from; vary them with `dataclasses.replace`."""

from datetime import datetime
from decimal import Decimal
from pathlib import Path

import kpi_pipeline
from kpi_pipeline.model.batch import Dims
from kpi_pipeline.model.declaration.lines import parse_text
from kpi_pipeline.model.episode import Episode, Evidence, Verdict
from kpi_pipeline.model.moment import parse_moment
from kpi_pipeline.model.notice import Level
from kpi_pipeline.model.snapshot import Reading, Snapshot
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.model.threshold import Threshold

SHOP = """\
type: kpi_pipeline.KpiPipelineComponent
attributes:
  timezone: America/New_York
  source: {table: public.orders, key: id, agg_time_dimension: at, lookback: 15m}
  every: 1m
  start: 2000-01-01
  metrics:
    revenue: {agg: sum, expr: amount, unit: USD}
    orders: {agg: count}
    by_kind: {agg: sum, expr: amount, group_by: kind}
    average: {type: ratio, numerator: revenue, denominator: orders}
  windows:
    lifetime: {}
    today:
      grain_to_date: day
      compare: {offset_window: 7 days}
    hour: {window: 60m}
  thresholds:
    low:
      metric: average
      window: today
      warn_below: 30
      notify: [slack]
  freshness: {warn_after: 10m}
"""

AS_OF = parse_moment("2026-11-24T12:00:00+00:00")
RULE = Threshold(
    name="low",
    metric="average",
    window="today",
    warn_below=Decimal(30),
    critical_below=Decimal(20),
    notify=("slack",),
)
EPISODE = Episode(rule="low", dims=(), definition=RULE.definition)


def sales() -> PipelineSpec:
    """The five KPIs that the package declares for its demo shop."""
    path = Path(kpi_pipeline.__file__).parent / "defs" / "sales" / "defs.yaml"
    return parse_text("sales", path.read_text(), "defs.yaml")


def shop(old: str = "", new: str = "") -> PipelineSpec:
    """A small shop, with one passage of its declaration replaced."""
    return parse_text("shop", shop_text(old, new), "defs.yaml")


def shop_text(old: str = "", new: str = "") -> str:
    """The declaration of the small shop, with one passage replaced.

    Raises:
        ValueError: The passage is not there, or not there alone.
    """
    if old and SHOP.count(old) != 1:
        raise ValueError(f"{old!r} stands {SHOP.count(old)} times in the declaration")
    return SHOP.replace(old, new) if old else SHOP


def reading(value: str | None, *, dims: Dims = (), rows: int = 100) -> Reading:
    """The average of today, as the rule `RULE` looks at it."""
    return Reading(
        metric="average",
        window="today",
        dims=dims,
        value=None if value is None else Decimal(value),
        rows=rows,
        unit=None,
        start=AS_OF,
        end=AS_OF,
        baseline=None,
        building=False,
    )


def snapshot(*readings: Reading, as_of: datetime = AS_OF) -> Snapshot:
    """A snapshot of a pipeline whose newest row is as fresh as can be."""
    return Snapshot(
        pipeline="shop",
        revision=1,
        watermark=as_of,
        as_of=as_of,
        computed_at=as_of,
        guarantee="exact",
        position="7",
        backlog_minutes=0,
        future_rows=0,
        readings=readings,
    )


def verdict(evidence: Evidence, level: Level = Level.NONE, value: str | None = "25") -> Verdict:
    """A verdict of `RULE`."""
    return Verdict(
        rule="low",
        dims=(),
        evidence=evidence,
        level=level,
        value=None if value is None else Decimal(value),
        bound=Decimal(30),
        reason="as told",
    )


WARN = verdict(Evidence.BREACH, Level.WARN, "25")
CRITICAL = verdict(Evidence.BREACH, Level.CRITICAL, "15")
HOLD = verdict(Evidence.HOLD, value="30.5")
CLEAR = verdict(Evidence.CLEAR, value="40")
MISSING = verdict(Evidence.MISSING, value=None)
