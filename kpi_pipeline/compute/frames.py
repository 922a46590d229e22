"""What is read of the state for a snapshot, and what the state can say of each frame."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from kpi_pipeline.compute.building import touches
from kpi_pipeline.compute.partial import Partial
from kpi_pipeline.compute.retention import Retention
from kpi_pipeline.compute.windows import Bounds, frame_bounds
from kpi_pipeline.model.batch import Dims
from kpi_pipeline.model.state import Dirty
from kpi_pipeline.model.term import Term
from kpi_pipeline.model.window import Frame

Totals = Mapping[tuple[str, Dims], Partial]
"""Merged partials of one interval, by metric and group."""


@dataclass(frozen=True, slots=True)
class Asked:
    """An interval to read.

    Attributes:
        metrics: Names of the simple metrics whose totals are wanted.
    """

    span: Bounds
    metrics: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """How much of history a state holds, as of a moment.

    Attributes:
        history_from: Start of the oldest bucket that holds rows.
        dirty: What waits to be folded.
        kept: Which buckets there are; None where that makes no difference.
    """

    as_of: datetime
    zone: ZoneInfo
    history_from: datetime | None
    dirty: tuple[Dirty, ...] = ()
    kept: Retention | None = None
    _spans: dict[Frame, Bounds] = field(default_factory=dict, repr=False, compare=False)
    _building: dict[Term, bool] = field(default_factory=dict, repr=False, compare=False)

    def at(self, moment: datetime) -> "Held":
        """What the same state holds as of another moment; what it worked out is not the same."""
        return Held(
            as_of=moment,
            zone=self.zone,
            history_from=self.history_from,
            dirty=self.dirty,
            kept=self.kept,
        )

    def span(self, frame: Frame) -> Bounds:
        """The interval that a frame covers."""
        found = self._spans.get(frame)  # a frame's hash takes longer than all the rest
        if found is None:
            found = self._spans[frame] = frame_bounds(frame, self.as_of, self.zone)
        return found

    def building(self, leaf: Term) -> bool:
        """Whether the metric's history in its frame is still being filled for the first time."""
        if not self.dirty:
            return False
        if leaf not in self._building:  # asked once a group; the backlog may be long
            span = self.span(leaf.frame)
            filling = (item for item in self.dirty if leaf.metric in item.metrics)
            self._building[leaf] = any(touches(item, span, self.kept) for item in filling)
        return self._building[leaf]

    def refolding(self, leaf: Term) -> bool:
        """Whether some of what its frame is read from waits to be folded again."""
        if not self.dirty:
            return False
        span = self.span(leaf.frame)
        return any(touches(item, span, self.kept) for item in self.dirty if item.live)

    def ready(self, leaf: Term) -> bool:
        """Whether the leaf says something: where it must be whole, all of it is there."""
        return not leaf.whole or (self._reached(leaf.frame) and not self.building(leaf))

    def _reached(self, frame: Frame) -> bool:
        span = self.span(frame)
        if span.start is None and not frame.shifts:
            return True  # all that there is
        if self.history_from is None:
            return False
        if span.start is None:
            return self.history_from < span.end
        return self.history_from <= span.start

    def asked(self, leaves: Iterable[Term]) -> tuple[Asked, ...]:
        """What to read for these leaves: each interval once, and none that would say nothing."""
        metrics: dict[Bounds, set[str]] = {}
        for leaf in leaves:
            if self.ready(leaf):
                metrics.setdefault(self.span(leaf.frame), set()).add(leaf.metric)
        return tuple(Asked(span, frozenset(names)) for span, names in metrics.items())
