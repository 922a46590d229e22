"""Thresholds: when a KPI's value is somebody's problem."""

import hashlib
from dataclasses import dataclass, fields
from datetime import time, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import cached_property

from kpi_pipeline.model.notice import Level

TOLD = frozenset({"notify", "notify_critical", "unit", "repeat", "owner", "runbook", "group_by"})
"""Fields that say who is told and how, not what is a breach; groups have a hash of their own."""

FRESHNESS = "freshness"
SOURCE_DRIFT = "source_drift"

DIGITS = 16
GROUPS = "/"
"""Stands between the hash of a rule's meaning and that of what its groups are values of."""

LATER = frozenset({"keep_firing", "stale_for", "against", "active", "inhibited_by"})


class Against(StrEnum):
    """What the bounds are held against."""

    VALUE = "value"
    DIFFERENCE = "difference"
    PERCENT = "percent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Active:
    """Hours of the business day in which a rule speaks; it goes on judging outside of them.

    Attributes:
        start, end: On the local clock; an end that is not after its start is on the next day.
        days: Of the week on which the hours start; Monday is 0.
    """

    start: time
    end: time
    days: frozenset[int] = frozenset(range(7))


@dataclass(frozen=True, kw_only=True)
class Threshold:
    """Bounds on one metric over one window.

    A value below a `*_below` bound or above an `*_above` bound is a breach. A firing
    threshold clears only on the good side of its clear bound (hysteresis).

    Attributes:
        clear_above: Clears a low breach; the mildest low bound if not given.
        clear_below: Clears a high breach; the mildest high bound if not given.
        lasting: How long the breach must last before it fires (`for`).
        keep_firing: How long the value must be healthy before it ends (`keep_firing_for`).
        stale_for: How long there may be no value before that is an alert of its own; None: ever.
        min_count: Fewer rows than this in the window are no evidence.
        against: The value itself, or its change against the window's comparison.
        repeat: How often it is told again while nobody acknowledges it; None: never.
        active: When it speaks; None: always.
        inhibited_by: Rules beside whose firing (same group, or without one) this one is silent.
        owner: Who looks after it, for people and routes.
        runbook: Address of what to do.
        notify: Channels by name.
        notify_critical: Channels that are told of critical alone, besides.
        unit: Of the metric, for messages.
        group_by: Of the metric: the columns that the groups are values of.
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
    keep_firing: timedelta = timedelta(0)
    stale_for: timedelta | None = None
    min_count: int = 0
    against: Against = Against.VALUE
    repeat: timedelta | None = None
    active: Active | None = None
    inhibited_by: tuple[str, ...] = ()
    owner: str | None = None
    runbook: str | None = None
    notify: tuple[str, ...] = ()
    notify_critical: tuple[str, ...] = ()
    unit: str | None = None
    group_by: tuple[str, ...] = ()

    def channels(self, level: Level) -> tuple[str, ...]:
        """Who is told at a level, each once."""
        more = self.notify_critical if level is Level.CRITICAL else ()
        return tuple(dict.fromkeys((*self.notify, *more)))

    @cached_property
    def definition(self) -> str:
        """A hash that changes when the rule's meaning does; an open episode ends on an edit.

        Asked of each rule and group at each look, and kept: to hash a rule takes as long.
        """
        found = ((f, getattr(self, f.name)) for f in fields(self) if f.name not in TOLD)
        # What came later counts where it is said, so that a new release edits no old rule.
        meant = ((f.name, v) for f, v in found if f.name not in LATER or v != f.default)
        parts = [f"{name}={_plain(value)}" for name, value in meant]
        meaning = _digest("|".join(parts))
        return f"{meaning}{GROUPS}{_digest(repr(self.group_by))}" if self.group_by else meaning

    def is_edited(self, definition: str) -> bool:
        """Whether an episode that was judged by a definition was judged by another rule."""
        meaning, now = definition.partition(GROUPS)[0], self.definition.partition(GROUPS)[0]
        return meaning != now or self.is_regrouped(definition)

    def is_regrouped(self, definition: str) -> bool:
        """Whether the groups were values of other columns; an earlier release did not say."""
        known, now = definition.partition(GROUPS)[2], self.definition.partition(GROUPS)[2]
        return bool(known) and known != now


@dataclass(frozen=True, slots=True, kw_only=True)
class Freshness:
    """How old the newest row may be before the data counts as stale."""

    warn_after: timedelta
    critical_after: timedelta | None = None
    repeat: timedelta | None = None
    owner: str | None = None
    runbook: str | None = None
    notify: tuple[str, ...] = ()
    notify_critical: tuple[str, ...] = ()


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:DIGITS]


def _plain(value: object) -> object:
    """30 and 30.0 are the same bound; a set has no order of its own."""
    if isinstance(value, Active):
        return (value.start, value.end, sorted(value.days))
    return f"{value.normalize():f}" if isinstance(value, Decimal) else value
