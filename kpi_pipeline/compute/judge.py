"""From a reading to a verdict: is the value past a bound, and may we say so?"""

from dataclasses import dataclass
from decimal import Decimal

from kpi_pipeline.compute.numbers import format_number, format_value
from kpi_pipeline.model.episode import Evidence, Verdict
from kpi_pipeline.model.notice import Level
from kpi_pipeline.model.snapshot import Reading
from kpi_pipeline.model.threshold import Threshold


@dataclass(frozen=True, slots=True)
class _Finding:
    evidence: Evidence
    level: Level
    bound: Decimal | None
    reason: str


def judge(rule: Threshold, reading: Reading) -> Verdict:
    """Hold one reading against one rule.

    Missing, infinite or thin values are no evidence at all: they neither open nor close an
    episode. Between a bound and its clear bound the evidence is to hold.
    """
    finding = _missing(rule, reading) or _breach(rule, reading) or _healthy(rule, reading)
    return Verdict(
        rule=rule.name,
        dims=reading.dims,
        evidence=finding.evidence,
        level=finding.level,
        value=reading.value,
        bound=finding.bound,
        reason=finding.reason,
    )


def _missing(rule: Threshold, reading: Reading) -> _Finding | None:
    if reading.building:
        reason = "history is still being filled"
    elif reading.value is None or not reading.value.is_finite():
        reason = "there is no value"
    elif reading.rows < rule.min_count:
        reason = f"{reading.rows} rows are fewer than min_count {rule.min_count}"
    else:
        return None
    return _Finding(Evidence.MISSING, Level.NONE, None, reason)


def _breach(rule: Threshold, reading: Reading) -> _Finding | None:
    value = reading.value or Decimal(0)
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


def _healthy(rule: Threshold, reading: Reading) -> _Finding:
    value = reading.value or Decimal(0)
    shown = format_value(value, rule.unit)
    if rule.clear_above is not None and value < rule.clear_above:
        reason = f"{shown} is not yet above clear_above {format_number(rule.clear_above)}"
        return _Finding(Evidence.HOLD, Level.NONE, rule.clear_above, reason)
    if rule.clear_below is not None and value > rule.clear_below:
        reason = f"{shown} is not yet below clear_below {format_number(rule.clear_below)}"
        return _Finding(Evidence.HOLD, Level.NONE, rule.clear_below, reason)
    bounds = (rule.warn_below, rule.warn_above, rule.critical_below, rule.critical_above)
    nearest = next((bound for bound in bounds if bound is not None), None)
    return _Finding(Evidence.CLEAR, Level.NONE, nearest, f"{shown} is within bounds")
