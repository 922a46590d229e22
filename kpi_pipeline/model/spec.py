"""The declaration of one pipeline."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from kpi_pipeline.model.audit import AuditPlan
from kpi_pipeline.model.metric import Metric, SimpleMetric
from kpi_pipeline.model.pulse import FailurePlan
from kpi_pipeline.model.threshold import Freshness, Threshold
from kpi_pipeline.model.window import Window


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceTable:
    """Where the rows are.

    Attributes:
        table: Name, with its schema if it has one.
        key: Column that identifies a row; None where there is none.
        event_time: Column that says when a row happened.
        lookback: How far back to look where exact detection is not possible.
        timezone: What event times without a zone are in; None where they need none.
    """

    table: str
    key: str | None
    event_time: str
    lookback: timedelta
    timezone: ZoneInfo | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineSpec:
    """One declared pipeline; names are checked, references resolve.

    Attributes:
        every: The sensor's interval.
        keep_minutes: How long minute buckets are kept at least, whole days; longer where a
            window needs them.
        start: Rows before it are never folded.
    """

    name: str
    timezone: ZoneInfo
    source: SourceTable
    every: timedelta
    start: datetime
    metrics: Mapping[str, Metric]
    windows: Mapping[str, Window]
    thresholds: Mapping[str, Threshold]
    freshness: Freshness
    audit: AuditPlan = field(default_factory=AuditPlan)
    keep_minutes: timedelta = timedelta(days=8)
    failures: FailurePlan = field(default_factory=FailurePlan)

    @property
    def simple_metrics(self) -> tuple[SimpleMetric, ...]:
        """The metrics that are folded; the others are derived from them."""
        return tuple(m for m in self.metrics.values() if isinstance(m, SimpleMetric))

    @property
    def definitions(self) -> Mapping[str, str]:
        """Definition hash by simple metric."""
        scope = f"{self.source.table}|{self.source.event_time}|{self.timezone.key}|{self.start}"
        if self.source.timezone is not None:
            scope += f"|{self.source.timezone.key}"
        return {metric.name: metric.definition(scope) for metric in self.simple_metrics}

    @property
    def channels(self) -> frozenset[str]:
        """Every channel that some rule notifies."""
        fresh = (*self.freshness.notify, *self.freshness.notify_critical)
        rules = self.thresholds.values()
        named = (name for rule in rules for name in (*rule.notify, *rule.notify_critical))
        return frozenset((*named, *fresh, *self.audit.notify, *self.failures.notify))
