"""How a pipeline does: one word, and why."""

from datetime import timedelta
from decimal import Decimal
from typing import NamedTuple

from kpi_pipeline.compute.building import filled_text
from kpi_pipeline.compute.numbers import format_age
from kpi_pipeline.compute.reconciliation import audit_sentence
from kpi_pipeline.dashboard.away import plainly
from kpi_pipeline.dashboard.envelope import snapshot_id
from kpi_pipeline.dashboard.plain import moment, moment_or_none, number
from kpi_pipeline.dashboard.shapes import Status
from kpi_pipeline.dashboard.signs import OpenShape, ProofShape, StatusShape
from kpi_pipeline.model.audit import Audit
from kpi_pipeline.model.episode import Phase
from kpi_pipeline.model.live import Live
from kpi_pipeline.model.notice import Level
from kpi_pipeline.model.pulse import Life
from kpi_pipeline.model.snapshot import Snapshot
from kpi_pipeline.model.spec import PipelineSpec

PATIENCE = timedelta(minutes=1)
MISSED, QUIET = 3, 10
"""Intervals without a look, and without a row."""
ZERO = timedelta(0)
NEVER = "not verified yet"


class Sight(NamedTuple):
    """What a dashboard knows of a pipeline.

    Attributes:
        live: The last that was read; None if nothing could be read yet.
        fault: Why nothing can be read now; None if it can.
        elapsed: How long ago the last was read.
        warning: What else is wrong; said beside the reason.
    """

    live: Live | None
    fault: str | None = None
    elapsed: timedelta = ZERO
    warning: str = ""


def decide(spec: PipelineSpec, sight: Sight) -> tuple[Status, str]:
    """The first that is true of: unreachable, empty, stalled, building, late, quiet, live."""
    status, reason = _decide(spec, sight)
    return status, f"{reason}; {sight.warning}" if sight.warning else reason


def _decide(spec: PipelineSpec, sight: Sight) -> tuple[Status, str]:
    live = sight.live
    if sight.fault is not None or live is None:
        return "unreachable", sight.fault or "nothing was read yet"
    found = live.snapshot
    if found is None or found.watermark is None:
        failing = f"; {plainly(live.life.why)}" if live.life.failing is not None else ""
        return "empty", f"nothing was folded yet{failing}"
    stalled = _stalled(spec, live.life, sight.elapsed)
    if stalled is not None:
        return "stalled", stalled
    filling = _filling(found)
    if filling and filling >= spec.metrics.keys():
        text = filled_text(found.filled)
        return "building", f"history is being filled{f': {text}' if text else ''}"
    looked = (_last_sign(live.life) or ZERO) + sight.elapsed
    status, reason = _by_age(spec, found, found.as_of - found.watermark + looked)
    text = filled_text(found.filled) or ", ".join(sorted(filling))
    return status, f"{reason}; history of {text} is being filled" if text else reason


def _filling(found: Snapshot) -> set[str]:
    """The metrics that lack some of their history; one of many does not speak for the others."""
    return {*found.filled, *(item.metric for item in found.readings if item.building)}


def _stalled(spec: PipelineSpec, life: Life, elapsed: timedelta) -> str | None:
    if life.failing is not None:
        return f"failing for {format_age(life.failing + elapsed)}: {plainly(life.why)}"
    sign = _last_sign(life)
    if sign is None:
        return "no look ever went well"
    age, most = sign + elapsed, MISSED * spec.every + PATIENCE
    return f"no good look for {format_age(age)}" if age > most else None


def _by_age(spec: PipelineSpec, found: Snapshot, age: timedelta) -> tuple[Status, str]:
    """By the age of the newest row now, not at the look: a source that died since says nothing."""
    newest = f"newest row {format_age(age)} old"
    if age > spec.freshness.warn_after:
        return "late", f"{newest}, more than {format_age(spec.freshness.warn_after)}"
    backlog = found.backlog_minutes - found.refill_minutes
    if backlog:
        return "late", f"{backlog:,} minute buckets wait to be folded"
    return ("quiet" if age > QUIET * spec.every else "live"), newest


def _last_sign(life: Life) -> timedelta | None:
    return min((age for age in (life.published, life.looked) if age is not None), default=None)


def status_body(spec: PipelineSpec, sight: Sight, *, may_act: bool = False) -> StatusShape:
    """The status as of now."""
    status, reason = decide(spec, sight)
    live, found = sight.live, sight.live.snapshot if sight.live else None
    signs = (live.life.published_at, live.life.looked_at) if live else ()
    return {
        "schema": "kpi.status/1",
        "pipeline": spec.name,
        "id": snapshot_id(found) if live else None,
        "status": status,
        "reason": reason,
        "now": moment(live.now + sight.elapsed) if live else None,
        "checked_at": moment_or_none(max(filter(None, signs), default=None)),
        "watermark": moment_or_none(found.watermark) if found else None,
        "every_seconds": int(spec.every.total_seconds()),
        "building_percent": min(found.filled.values(), default=None) if found else None,
        "proof": _proof(spec, live.audit if live else None),
        "open": _open(live),
        "may_act": may_act,
    }


def _proof(spec: PipelineSpec, audit: Audit | None) -> ProofShape:
    """The difference of a drift is the greatest of any metric's that adds up."""
    if audit is None:
        return {"state": "none", "at": None, "difference": None, "text": NEVER}
    gaps = [gap for gap in audit.difference.values() if gap.is_finite()]
    greatest = Decimal(0) if audit.reconciles else max(gaps, key=abs, default=None)
    compared = audit.interval is not None
    return {
        "state": "drift" if not audit.reconciles else "verified" if compared else "none",
        "at": moment(audit.at),
        "difference": number(greatest) if compared or not audit.reconciles else None,
        "text": audit_sentence(audit, spec.timezone),
    }


def _open(live: Live | None) -> OpenShape:
    episodes = live.episodes if live else ()
    levels = [item.level for item in episodes if item.phase is Phase.FIRING]
    return {
        "warn": sum(level is not Level.CRITICAL for level in levels),
        "critical": sum(level is Level.CRITICAL for level in levels),
        "pending": sum(item.phase is Phase.PENDING for item in episodes),
    }
