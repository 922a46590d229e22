"""The API's answers as types; `docs/api.md` says what they mean. Fields are only ever added."""

from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

Number = Annotated[str, Field(pattern=r"^-?[0-9]+(\.[0-9]+)?$", examples=["18231.07"])]
"""An exact decimal: no float could hold it."""
Moment = Annotated[
    str, Field(json_schema_extra={"format": "date-time"}, examples=["2026-11-26T16:32:00Z"])
]
Group = list[str | None]
"""A group's values in the order of the metric's `group_by`; null is a missing one."""
Status = Literal["unreachable", "empty", "stalled", "building", "late", "quiet", "live"]
State = Literal["none", "ok", "pending", "warn", "critical", "unknown"]
Kind = Literal["simple", "ratio", "derived", "cumulative"]


class OffsetShape(TypedDict):
    """How far back a comparison lies; `days` is null where it is no whole number of days."""

    text: str
    days: int | None


class WindowShape(TypedDict):
    """A declared window; null bounds before the first fold."""

    window: str
    text: str
    start: Moment | None
    end: Moment | None
    offset: OffsetShape | None


class CompareShape(TypedDict):
    """What a value is compared with."""

    offset: str
    value: Number | None
    delta_pct: Number | None


class ReadingShape(TypedDict):
    """A KPI over one window and one group."""

    window: str
    dims: Group
    value: Number | None
    n: int
    start: Moment | None
    end: Moment
    compare: CompareShape | None
    state: State
    building: bool
    refolding: bool


class BoundsShape(TypedDict):
    """A rule's bounds, for a chart."""

    rule: str
    window: str
    against: Literal["value", "difference", "percent"]
    warn_below: Number | None
    critical_below: Number | None
    warn_above: Number | None
    critical_above: Number | None


class KpiShape(TypedDict):
    """A declared metric with all its readings; its history is whole where nothing is building."""

    metric: str
    type: Kind
    unit: str | None
    description: str | None
    group_by: list[str]
    exact: bool
    relative_error: Number | None
    building_percent: int | None
    readings: list[ReadingShape]
    bounds: list[BoundsShape]


class SnapshotShape(TypedDict):
    """Every KPI as of one minute."""

    schema: Literal["kpi.snapshot/1"]
    pipeline: str
    revision: int
    id: str
    definition_hash: str
    timezone: str
    watermark: Moment | None
    as_of: Moment | None
    computed_at: Moment | None
    guarantee: str
    backlog_minutes: int
    future_rows: int
    building: dict[str, int]
    windows: list[WindowShape]
    kpis: list[KpiShape]


class OneKpiShape(KpiShape):
    """One KPI of a snapshot."""

    schema: Literal["kpi.kpi/1"]
    pipeline: str
    id: str
    as_of: Moment | None
    watermark: Moment | None
