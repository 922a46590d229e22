"""Asset checks: one a threshold, and freshness; evaluated in the run that folds."""

from collections.abc import Iterator, Sequence
from math import isfinite

import dagster as dg

from kpi_pipeline.compute.log import log_table
from kpi_pipeline.compute.messages import group_text
from kpi_pipeline.compute.reconciliation import audit_sentence
from kpi_pipeline.compute.rules import declared_rules
from kpi_pipeline.compute.silence import NO_DATA
from kpi_pipeline.model.audit import Audit
from kpi_pipeline.model.declaration.durations import format_duration
from kpi_pipeline.model.episode import Phase, Transition, Verdict
from kpi_pipeline.model.notice import Level
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.model.threshold import Against, Threshold
from kpi_pipeline.orchestration.metadata import audit_metadata, markdown

MOST_SHOWN = 10
RECONCILES = "source_reconciles"
WHAT = (
    "Count, sums, least, greatest and distinct values of every bucket, state against source, by "
    "the last audit. What differs is queued to be folded again."
)


def check_specs(spec: PipelineSpec) -> list[dg.AssetCheckSpec]:
    """The checks of a pipeline's snapshot."""
    key = dg.AssetKey([spec.name, "kpi_snapshot"])
    rules = [
        dg.AssetCheckSpec(name=rule.name, asset=key, description=_description(rule))
        for rule in declared_rules(spec)
    ]
    return [*rules, dg.AssetCheckSpec(name=RECONCILES, asset=key, description=WHAT)]


def check_results(
    spec: PipelineSpec,
    verdicts: tuple[Verdict, ...],
    audit: Audit | None,
    transitions: Sequence[Transition] = (),
) -> Iterator[dg.AssetCheckResult]:
    """A result for every declared check: Dagster fails a run that leaves one out.

    Args:
        spec: Of the pipeline.
        verdicts: Of the last snapshot.
        audit: The newest one, if there is any.
        transitions: The newest changes of alerts, for the record.
    """
    yield audit_result(spec, audit)
    for rule in declared_rules(spec):
        names = (rule.name, f"{rule.name}{NO_DATA}")
        own = [v for v in verdicts if v.rule == names[0] or (v.rule == names[1] and is_bad(v))]
        yield _result(spec, rule, own, [item for item in transitions if item.rule in names])


def audit_result(spec: PipelineSpec, audit: Audit | None) -> dg.AssetCheckResult:
    """The verdict of the last audit; there is none at first."""
    if audit is None:
        first = (
            f"not verified yet; the first audit comes within {format_duration(spec.audit.every)}"
        )
        return dg.AssetCheckResult(check_name=RECONCILES, passed=True, description=first)
    return dg.AssetCheckResult(
        check_name=RECONCILES,
        passed=audit.reconciles,
        severity=dg.AssetCheckSeverity.WARN,
        description=audit_sentence(audit, spec.timezone),
        metadata=audit_metadata(audit, spec.timezone),
    )


def _result(
    spec: PipelineSpec, rule: Threshold, verdicts: list[Verdict], log: list[Transition]
) -> dg.AssetCheckResult:
    bad = [verdict for verdict in verdicts if is_bad(verdict)]
    worst = max((verdict.level for verdict in bad), key=lambda level: level.rank, default=None)
    first = (bad or verdicts)[:1]
    metadata: dict[str, dg.MetadataValue] = {}
    for verdict in first:
        if verdict.value is not None and isfinite(verdict.value):
            metadata["value"] = dg.MetadataValue.float(float(verdict.value))
        if verdict.bound is not None:
            metadata["bound"] = dg.MetadataValue.text(str(verdict.bound))
        metadata["phase"] = dg.MetadataValue.text(verdict.phase.value)
    if log:
        table = log_table(log[:MOST_SHOWN], spec.timezone, {rule.name: rule.unit})
        metadata["episodes"] = dg.MetadataValue.md(markdown(table, "Alert"))
    if rule.runbook is not None:
        metadata["runbook"] = dg.MetadataValue.url(rule.runbook)
    if rule.owner is not None:
        metadata["owner"] = dg.MetadataValue.text(rule.owner)
    error = worst is Level.CRITICAL
    return dg.AssetCheckResult(
        check_name=rule.name,
        passed=not bad,
        severity=dg.AssetCheckSeverity.ERROR if error else dg.AssetCheckSeverity.WARN,
        description="; ".join(_sentence(verdict) for verdict in (bad or verdicts)[:MOST_SHOWN]),
        metadata=metadata,
    )


def is_bad(verdict: Verdict) -> bool:
    """Whether its alert fires: past a bound for long enough, and not cleared since."""
    return verdict.phase is Phase.FIRING


def _sentence(verdict: Verdict) -> str:
    group = f"{group_text(verdict.dims)}: " if verdict.dims else ""
    phase = "" if verdict.phase is Phase.OK else f" ({verdict.phase.value})"
    return f"{group}{verdict.reason}{phase}"


def _description(rule: Threshold) -> str:
    bounds = {
        "warn below": rule.warn_below,
        "critical below": rule.critical_below,
        "warn above": rule.warn_above,
        "critical above": rule.critical_above,
    }
    said = ", ".join(f"{name} {bound}" for name, bound in bounds.items() if bound is not None)
    unit = {Against.PERCENT: "change in percent, ", Against.DIFFERENCE: "change, "}
    return f"{rule.metric} over {rule.window}: {unit.get(rule.against, '')}{said}"
