"""What a dashboard shows of one pipeline: the KPIs as of the last look, and how it does."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from kpi_pipeline.model.audit import Audit
from kpi_pipeline.model.batch import Dims
from kpi_pipeline.model.episode import Episode, Mute, Transition, Verdict
from kpi_pipeline.model.notice import Level
from kpi_pipeline.model.outbox import OutboxState
from kpi_pipeline.model.pulse import Life
from kpi_pipeline.model.snapshot import Snapshot


class TickKind(StrEnum):
    """What a tick did."""

    LOOK = "look"
    RUN = "run"
    FAILURE = "failure"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """One look that found nothing to do, one run, or one failure of either; persisted for a day.

    Attributes:
        at: The state database's clock; None until it is written down.
        as_of: The source's clock at its look; None if it did not get there. The state is whole
            as of then, because the look found nothing new or the run folded what it found.
        watermark: Event time of the newest row by then.
        rows: Rows of the source that were aggregated.
        reason: One line for people, without secrets.
    """

    kind: TickKind
    at: datetime | None = None
    as_of: datetime | None = None
    watermark: datetime | None = None
    rows: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """Everything that the first screen of a dashboard needs, read in one transaction.

    Attributes:
        definition: Hash of the declaration.
        now: The state database's clock.
        snapshot: Every KPI as of the last good look, not of the last commit, so that windows
            move on in a quiet shop; None before the first fold has begun.
        verdicts: Of the last commit.
        episodes: Those that are pending or firing.
        mutes: Those that hold.
        audit: The newest; None before the first.
        life: The last signs of life.
    """

    definition: str
    now: datetime
    snapshot: Snapshot | None
    verdicts: tuple[Verdict, ...]
    episodes: tuple[Episode, ...]
    mutes: tuple[Mute, ...]
    audit: Audit | None
    life: Life


@dataclass(frozen=True, slots=True)
class Point:
    """One bucket of a chart: its start, the metric's value over it alone, and its rows."""

    start: datetime
    value: Decimal | None
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """A metric by bucket.

    Attributes:
        grain: minute, five_minutes, hour, day or month.
        points: Oldest first, without gaps; the newest may not be over yet.
        before: The points at the same local clock time an offset earlier, one for one; empty
            if none was asked for.
    """

    metric: str
    dims: Dims
    grain: str
    points: tuple[Point, ...]
    before: tuple[Point, ...] = ()


class EventKind(StrEnum):
    """What stands on the timeline."""

    ALERT = "alert"
    REWIND = "rewind"
    CORRECTION = "correction"
    AUDIT = "audit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One annotation of the timeline.

    Attributes:
        level: Of an alert's change; NONE otherwise.
        text: One line for people.
    """

    at: datetime
    kind: EventKind
    text: str
    level: Level = Level.NONE


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertLog:
    """What alerts did: changes newest first, of so many in all, and the links of open episodes.

    Attributes:
        runs: Address of the run that opened an episode, by rule and group, where known.
        messages: How the messages of an open episode stand, by rule and group, and by channel.
        logged: The channels that have no settings, so that the log stands in for them.
    """

    count: int
    transitions: tuple[Transition, ...]
    runs: Mapping[tuple[str, Dims], str]
    messages: Mapping[tuple[str, Dims], Mapping[str, frozenset[OutboxState]]] = field(
        default_factory=dict
    )
    logged: frozenset[str] = frozenset()
