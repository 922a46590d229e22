"""When the state is held against the source."""

from collections.abc import Mapping
from datetime import time, timedelta
from decimal import Decimal

from kpi_pipeline.model.audit import AuditPlan
from kpi_pipeline.model.declaration.section import Section
from kpi_pipeline.model.declaration.told import KEYS as TOLD
from kpi_pipeline.model.declaration.told import Route, parse_told

HOUR, DAY = 60, 24 * 60


def parse_audit(section: Section, owners: Mapping[str, Route]) -> AuditPlan:
    """The plan under `audit:`; all of it has defaults.

    Raises:
        SpecError: A duration that a schedule cannot keep, a share that is none, or an unknown
            channel or owner.
    """
    section.only("every", "recent", "daily_at", "share", *TOLD)
    told = parse_told(section, owners)
    return AuditPlan(
        every=_every(section),
        recent=section.duration("recent", timedelta(hours=48)),
        at=section.parsed("daily_at", _clock) if section.has("daily_at") else time(3, 30),
        share=float(_share(section)),
        repeat=told.repeat,
        owner=told.owner,
        runbook=told.runbook,
        notify=(*told.route.notify, *told.route.critical),
    )


def _every(section: Section) -> timedelta:
    every = section.duration("every", timedelta(minutes=10))
    minutes, rest = divmod(int(every.total_seconds()), 60)
    divides = minutes and not rest and (HOUR % minutes == 0 or _whole_hours(minutes))
    if not divides:
        raise section.error("must divide an hour or a day: 5m, 10m, 30m, 1h, 6h, 1d", "every")
    return every


def _whole_hours(minutes: int) -> bool:
    return minutes % HOUR == 0 and minutes < DAY and DAY % minutes == 0


def _share(section: Section) -> Decimal:
    share = section.number("share")
    if share is None:
        return Decimal(1)
    if not 0 < share <= 1:
        raise section.error("must be above 0 and at most 1 (all of history a day)", "share")
    return share


def _clock(text: str) -> time:
    try:
        return time.fromisoformat(text).replace(second=0, microsecond=0, tzinfo=None)
    except ValueError:
        raise ValueError(f"{text!r} is not a time of day; write it like '03:30'") from None
