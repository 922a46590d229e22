"""The answers about how a pipeline does, as types; see `shapes`."""

from typing import Literal

from typing_extensions import TypedDict

from kpi_pipeline.dashboard.shapes import Group, Moment, Number, Status


class PipelineShape(TypedDict):
    """One declared pipeline."""

    name: str
    status: Status
    reason: str


class PipelinesShape(TypedDict):
    """Every declared pipeline, in the order of their names."""

    schema: Literal["kpi.pipelines/1"]
    pipelines: list[PipelineShape]


class ProofShape(TypedDict):
    """What the newest audit found."""

    state: Literal["verified", "drift", "none"]
    at: Moment | None
    difference: Number | None
    text: str


class OpenShape(TypedDict):
    """How many episodes are open."""

    warn: int
    critical: int
    pending: int


class StatusShape(TypedDict):
    """How a pipeline does, and why."""

    schema: Literal["kpi.status/1"]
    pipeline: str
    id: str | None
    status: Status
    reason: str
    now: Moment | None
    checked_at: Moment | None
    watermark: Moment | None
    every_seconds: int
    building_percent: int | None
    proof: ProofShape
    open: OpenShape
    may_act: bool


class EpisodeShape(TypedDict):
    """An open episode; `metric` and `window` are null where it is about no KPI."""

    rule: str
    dims: Group
    number: int
    phase: Literal["pending", "firing"]
    level: Literal["none", "warn", "critical"]
    metric: str | None
    window: str | None
    unit: str | None
    value: Number | None
    bound: Number | None
    reason: str
    since: Moment | None
    peak: Number | None
    told: list[str]
    waiting: list[str]
    failed: list[str]
    notified_at: Moment | None
    acknowledged: Moment | None
    muted_until: Moment | None
    owner: str | None
    runbook: str | None
    run: str | None


class MuteShape(TypedDict):
    """A rule that a person has silenced."""

    rule: str
    until: Moment
    why: str
    by: str


class ChangeShape(TypedDict):
    """One change of an episode."""

    at: Moment
    rule: str
    dims: Group
    number: int
    before: Literal["ok", "pending", "firing"]
    after: Literal["ok", "pending", "firing"]
    level: Literal["none", "warn", "critical"]
    value: Number | None
    reason: str
    suppressed: str


class AlertsShape(TypedDict):
    """What is open and muted, and what alerts did: the newest of `count` changes."""

    schema: Literal["kpi.alerts/1"]
    pipeline: str
    open: list[EpisodeShape]
    mutes: list[MuteShape]
    count: int
    log: list[ChangeShape]
