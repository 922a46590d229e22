"""From a reading to a verdict: is the value past a bound, and may we say so?"""

from dataclasses import dataclass
from decimal import Decimal

from kpi_pipeline.compute.numbers import format_value
from kpi_pipeline.model.episode import Evidence, Verdict
from kpi_pipeline.model.notice import Level
from kpi_pipeline.model.snapshot import Reading
from kpi_pipeline.model.threshold import Against, Threshold


@dataclass(frozen=True, slots=True)
class _Finding:
    evidence: Evidence
    level: Level
    bound: Decimal | None
    reason: str


def judge(rule: Threshold, reading: Reading, frozen: Decimal | None = None) -> Verdict:
    """Hold one reading against one rule.

    Missing, infinite or thin values are no evidence at all: they neither open nor close an
    episode. Between a bound and its clear bound the evidence is to hold.

    Args:
        rule: With its bounds.
        reading: What was found.
        frozen: What a change is held against instead of the reading's own baseline.
    """
    baseline = None
    if rule.against is not Against.VALUE:
        baseline = reading.baseline if frozen is None else frozen
    value = _measured(rule.against, reading.value, baseline)
    finding = _missing(rule, reading, value) or _breach(rule, value) or _healthy(rule, value)
    return Verdict(
        rule=rule.name,
        dims=reading.dims,
        evidence=finding.evidence,
        level=finding.level,
        value=value,
        bound=finding.bound,
        reason=finding.reason,
        baseline=baseline,
    )


def judge_no_data(rule: Threshold, reading: Reading, level: Level) -> Verdict:
    """Whether there is a value at all; without one it is a breach of this level."""
    finite = reading.value is not None and reading.value.is_finite()
    value = reading.value if finite else None
    if reading.building:
        finding = _Finding(Evidence.MISSING, Level.NONE, None, "history is still being filled")
    elif value is None:
        finding = _Finding(Evidence.BREACH, level, None, "has no value")
    else:
        again = f"has a value again: {format_value(value, rule.unit)}"
        finding = _Finding(Evidence.CLEAR, Level.NONE, None, again)
    return Verdict(
        rule=rule.name,
        dims=reading.dims,
        evidence=finding.evidence,
        level=finding.level,
        value=value,
        bound=None,
        reason=finding.reason,
    )


def _measured(against: Against, value: Decimal | None, baseline: Decimal | None) -> Decimal | None:
    """What the bounds are held against; None where there is no number, or none to compare with."""
    if value is None or not value.is_finite():
        return None
    if against is Against.VALUE:
        return value
    if baseline is None or not baseline.is_finite():
        return None
    change = value - baseline
    if against is Against.DIFFERENCE:
        return change
    return change / abs(baseline) * 100 if baseline else None


def _missing(rule: Threshold, reading: Reading, measured: Decimal | None) -> _Finding | None:
    if reading.building:
        reason = "history is still being filled"
    elif reading.value is None or not reading.value.is_finite():
        reason = "there is no value"
    elif reading.rows < rule.min_count:
        reason = f"{reading.rows} rows are fewer than min_count {rule.min_count}"
    elif measured is None:
        reason = "there is nothing to compare with"
    else:
        return None
    return _Finding(Evidence.MISSING, Level.NONE, None, reason)


def _breach(rule: Threshold, measured: Decimal | None) -> _Finding | None:
    value = measured or Decimal(0)
    lows = ((Level.CRITICAL, rule.critical_below), (Level.WARN, rule.warn_below))
    highs = ((Level.CRITICAL, rule.critical_above), (Level.WARN, rule.warn_above))
    for level, bound in lows:
        if bound is not None and value < bound:
            return _breached(rule, level, value, "<", bound)
    for level, bound in highs:
        if bound is not None and value > bound:
            return _breached(rule, level, value, ">", bound)
    return None


def _breached(rule: Threshold, level: Level, value: Decimal, sign: str, bound: Decimal) -> _Finding:
    reason = f"{format_value(value, rule.unit)} {sign} {format_value(bound, rule.unit)}"
    return _Finding(Evidence.BREACH, level, bound, reason)


def _healthy(rule: Threshold, measured: Decimal | None) -> _Finding:
    value = measured or Decimal(0)
    shown = format_value(value, rule.unit)
    if rule.clear_above is not None and value < rule.clear_above:
        reason = f"{shown} is not yet above clear_above {format_value(rule.clear_above, rule.unit)}"
        return _Finding(Evidence.HOLD, Level.NONE, rule.clear_above, reason)
    if rule.clear_below is not None and value > rule.clear_below:
        reason = f"{shown} is not yet below clear_below {format_value(rule.clear_below, rule.unit)}"
        return _Finding(Evidence.HOLD, Level.NONE, rule.clear_below, reason)
    bounds = (rule.warn_below, rule.warn_above, rule.critical_below, rule.critical_above)
    nearest = next((bound for bound in bounds if bound is not None), None)
    return _Finding(Evidence.CLEAR, Level.NONE, nearest, f"{shown} is within bounds")
