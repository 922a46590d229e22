"""The persisted position of one pipeline, as one reader saw it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from kpi_pipeline.model.moment import Interval


class Cause(StrEnum):
    """Why a range of history must be folded (again)."""

    FIRST_FILL = "first fill"
    DEFINITION = "changed definition"
    MINUTES = "longer window"
    CHANGED = "changed rows"
    RESTART = "restarted source"
    AUDIT = "audit"
    REWIND = "rewind"
    SOURCE = "source replaced"


@dataclass(frozen=True, slots=True)
class Dirty:
    """A range that waits to be folded.

    Attributes:
        metrics: Whose history it builds for the first time; empty where old values stand. A
            changed definition is folded for these alone, anything else for all metrics.
    """

    interval: Interval
    cause: Cause
    metrics: frozenset[str] = frozenset()

    @property
    def live(self) -> bool:
        """Whether it concerns all metrics, and so goes before the history of changed ones."""
        return self.cause is not Cause.DEFINITION


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewound:
    """Why a range was folded again, as written down.

    Attributes:
        at: The state database's clock.
        since: The moment that an operator named; None for all of history, or where none did.
        interval: What was queued; None if there was nothing to fold again.
    """

    at: datetime
    since: datetime | None
    interval: Interval | None
    why: str


@dataclass(frozen=True, slots=True)
class Committed:
    """A watermark, and the as-of of the commit that first held it."""

    watermark: datetime
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Edges:
    """Where the buckets of a pipeline begin and end.

    Attributes:
        now: The state database's clock.
        history_from: Start of the oldest bucket that holds rows.
        newest: Start of the newest minute bucket that holds rows and is over by as-of.
        future_rows: How many rows lie in minutes after as-of's own.
    """

    now: datetime
    history_from: datetime | None
    newest: datetime | None
    future_rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineState:
    """What a pipeline has folded.

    Attributes:
        revision: Grows with every commit; a commit names the one that it read.
        position: Where the source was read to; None before the first look.
        definitions: Definition hash by metric, as folded or queued in `dirty`.
        recent: The last few committed watermarks, newest first.
        history_from: Start of the oldest bucket that holds rows.
        newest_bucket: Start of the newest minute bucket that holds rows.
        minutes_from: Start of the oldest local day that keeps minute buckets.
        rolled_until: Coarse buckets that end by then are made; None in a state of a release
            before there were any but days, until its next step makes them.
        step: The last commit that replaced buckets; grows with every one.
        published: Whether a snapshot shows what that step replaced.
        loaded_at: The state database's clock as this was read; None if nobody asked it.
    """

    revision: int
    position: str | None
    definitions: Mapping[str, str]
    watermark: datetime | None
    as_of: datetime | None
    guarantee: str | None
    recent: tuple[Committed, ...]
    history_from: datetime | None
    newest_bucket: datetime | None
    minutes_from: datetime | None
    rolled_until: datetime | None
    dirty: tuple[Dirty, ...]
    step: int = 0
    published: bool = True
    loaded_at: datetime | None = field(default=None, compare=False)

    @property
    def started(self) -> bool:
        """Whether anything was ever folded."""
        return self.position is not None
