"""Thresholds: when a KPI's value is somebody's problem."""

import hashlib
from dataclasses import dataclass, fields
from datetime import timedelta
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """Bounds on one metric over one window.

    A value below a `*_below` bound or above an `*_above` bound is a breach. A firing
    threshold clears only on the good side of its clear bound (hysteresis).

    Attributes:
        clear_above: Clears a low breach; the mildest low bound if not given.
        clear_below: Clears a high breach; the mildest high bound if not given.
        lasting: How long the breach must last before it fires (`for`).
        min_count: Fewer rows than this in the window are no evidence.
        notify: Channels by name.
        unit: Of the metric, for messages.
    """

    name: str
    metric: str
    window: str
    warn_below: Decimal | None = None
    critical_below: Decimal | None = None
    warn_above: Decimal | None = None
    critical_above: Decimal | None = None
    clear_above: Decimal | None = None
    clear_below: Decimal | None = None
    lasting: timedelta = timedelta(0)
    min_count: int = 0
    notify: tuple[str, ...] = ()
    unit: str | None = None

    @property
    def definition(self) -> str:
        """A hash that changes when the rule's meaning does; an open episode ends on an edit."""
        meant = (f.name for f in fields(self) if f.name not in {"notify", "unit"})
        parts = [f"{name}={_plain(getattr(self, name))}" for name in meant]
        return hashlib.sha256("|".join(parts).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True, kw_only=True)
class Freshness:
    """How old the newest row may be before the data counts as stale."""

    warn_after: timedelta
    critical_after: timedelta | None = None
    notify: tuple[str, ...] = ()


def _plain(value: object) -> object:
    """30 and 30.0 are the same bound."""
    return f"{value.normalize():f}" if isinstance(value, Decimal) else value
