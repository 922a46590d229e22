"""The answers about what lies behind and before, as types; see `shapes`."""

from typing import Literal

from typing_extensions import TypedDict

from kpi_pipeline.dashboard.shapes import Group, Moment, Number, ReadingShape


class SpanShape(TypedDict):
    """A half-open interval; no start means from ever."""

    start: Moment | None
    end: Moment


class PointShape(TypedDict):
    """One bucket of a chart."""

    start: Moment
    value: Number | None
    n: int


class SeriesShape(TypedDict):
    """A metric by bucket."""

    schema: Literal["kpi.series/1"]
    pipeline: str
    metric: str
    dims: Group
    unit: str | None
    grain: Literal["minute", "five_minutes", "hour", "day", "month"]
    points: list[PointShape]
    before: list[PointShape]


class LeafShape(TypedDict):
    """A simple metric that a number comes down to, and where its rows are."""

    metric: str
    definition: str
    span: SpanShape
    sql: str
    rows: str


class ExplanationShape(TypedDict):
    """What is behind a published number."""

    schema: Literal["kpi.explanation/1"]
    pipeline: str
    metric: str
    window: str
    group: Group | None
    definition: str
    filter: str | None
    span: SpanShape
    timezone: str
    watermark: Moment | None
    as_of: Moment
    computed_at: Moment
    guarantee: str
    readings: list[ReadingShape]
    leaves: list[LeafShape]
    before: str
    notes: list[str]


class EventShape(TypedDict):
    """One annotation of the timeline."""

    at: Moment
    kind: Literal["alert", "rewind", "correction", "audit"]
    level: Literal["none", "warn", "critical"]
    text: str


class TimelineShape(TypedDict):
    """What happened, newest first."""

    schema: Literal["kpi.timeline/1"]
    pipeline: str
    events: list[EventShape]


class TickShape(TypedDict):
    """One look, run or failure."""

    at: Moment | None
    kind: Literal["look", "run", "failure"]
    rows: int
    lag_seconds: float | None
    reason: str


class TicksShape(TypedDict):
    """The last ticks, newest first."""

    schema: Literal["kpi.ticks/1"]
    pipeline: str
    ticks: list[TickShape]
