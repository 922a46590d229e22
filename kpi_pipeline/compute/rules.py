"""Every rule of a pipeline: what is declared, and what follows from it."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from kpi_pipeline.compute.freshness import freshness_rule
from kpi_pipeline.compute.silence import NO_DATA
from kpi_pipeline.model.audit import AuditPlan
from kpi_pipeline.model.notice import Level
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.model.threshold import SOURCE_DRIFT, Against, Threshold


def declared_rules(spec: PipelineSpec) -> tuple[Threshold, ...]:
    """The declared thresholds, then freshness."""
    return (*spec.thresholds.values(), freshness_rule(spec.freshness))


def rules_of(spec: PipelineSpec) -> tuple[Threshold, ...]:
    """Every rule that is judged: those declared, no data, and drift if anybody is told of it."""
    stale = (no_data_rule(rule) for rule in spec.thresholds.values() if rule.stale_for)
    drift = (drift_rule(spec.audit),) if spec.audit.notify else ()
    return (*declared_rules(spec), *stale, *drift)


def no_data_rule(rule: Threshold) -> Threshold:
    """The rule that there is a value: it is broken when there has been none for `stale_for`."""
    return replace(
        rule,
        name=f"{rule.name}{NO_DATA}",
        lasting=rule.stale_for or timedelta(0),
        keep_firing=timedelta(0),
        stale_for=None,
        against=Against.VALUE,
        min_count=0,
        unit=None if rule.against is Against.PERCENT else rule.unit,
    )


def is_no_data(rule: Threshold) -> bool:
    """Whether the rule is one that `no_data_rule` made."""
    return rule.name.endswith(NO_DATA)


def mildest(rule: Threshold) -> Level:
    """The least level that a rule knows."""
    mild = rule.warn_below is not None or rule.warn_above is not None
    return Level.WARN if mild else Level.CRITICAL


def drift_rule(plan: AuditPlan) -> Threshold:
    """The rule that the newest audit finds nothing that differs."""
    return Threshold(
        name=SOURCE_DRIFT,
        metric=SOURCE_DRIFT,
        window="last audit",
        warn_above=Decimal(0),
        repeat=plan.repeat,
        owner=plan.owner,
        runbook=plan.runbook,
        notify=plan.notify,
    )
