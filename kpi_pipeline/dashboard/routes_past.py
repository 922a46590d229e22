"""The past, which needs a question to the state database: series, alerts, timeline, ticks."""

from datetime import datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from kpi_pipeline.compute.calendar import local_day, start_of
from kpi_pipeline.compute.explanation import NULL
from kpi_pipeline.dashboard.alerts import alerts_body
from kpi_pipeline.dashboard.asked import (
    LogAsked,
    SeriesAsked,
    TicksAsked,
    named_group,
)
from kpi_pipeline.dashboard.feed import Feed
from kpi_pipeline.dashboard.history import series_body, ticks_body, timeline_body
from kpi_pipeline.dashboard.house import Here, known_metric, moment_asked, now_of
from kpi_pipeline.dashboard.past import SeriesShape, TicksShape, TimelineShape
from kpi_pipeline.dashboard.plain import encoded
from kpi_pipeline.dashboard.problems import documented
from kpi_pipeline.dashboard.routes_now import FRESH, JSON, wants_csv
from kpi_pipeline.dashboard.shown import Shown
from kpi_pipeline.dashboard.signs import AlertsShape
from kpi_pipeline.dashboard.table import MEDIA_TYPE as CSV
from kpi_pipeline.dashboard.table import series_csv
from kpi_pipeline.model.batch import Dims
from kpi_pipeline.model.errors import RangeError
from kpi_pipeline.model.live import Series
from kpi_pipeline.model.moment import MINUTE, floor_minute
from kpi_pipeline.model.span import Span
from kpi_pipeline.ports.board import Board

DAY = timedelta(days=1)
router = APIRouter(
    prefix="/api/v1",
    responses=documented(401, 404, 421, 422, 503),
)


@router.get(
    "/kpis/{metric}/series",
    response_model=SeriesShape,
    responses={200: {"content": {"text/csv": {}}}},
)
async def series(
    house: Here, request: Request, metric: str, asked: Annotated[SeriesAsked, Query()]
) -> Response:
    """A metric by bucket, and the same an offset earlier."""
    feed = house.feed(asked.pipeline)
    known_metric(feed, metric)
    shown = await house.shown(feed)
    is_csv = wants_csv(request)
    key = (feed.name, shown.id, metric, asked.model_dump_json(), is_csv)

    async def make() -> bytes:
        found = await house.ask(feed, lambda board: _read(board, shown, metric, asked))
        body = series_body(feed.board.spec, found)
        return series_csv(body).encode() if is_csv else encoded(body)

    data = await house.memo.get(key, make)
    return Response(data, headers=FRESH | {"Vary": "Accept"}, media_type=CSV if is_csv else JSON)


@router.get("/alerts", response_model=AlertsShape)
async def alerts(house: Here, asked: Annotated[LogAsked, Query()]) -> Response:
    """Open episodes, mutes, and what alerts did."""
    feed = house.feed(asked.pipeline)
    since = await _since(house, feed, asked.since)
    live, found = await house.ask(
        feed, lambda board: (board.live(), board.alert_log(since, asked.limit))
    )
    body = alerts_body(feed.board.spec, live, found)
    return Response(encoded(body), headers=FRESH, media_type=JSON)


@router.get("/timeline", response_model=TimelineShape)
async def timeline(house: Here, asked: Annotated[LogAsked, Query()]) -> Response:
    """What happened: alerts, rewinds, corrections, audits."""
    feed = house.feed(asked.pipeline)
    since = await _since(house, feed, asked.since)
    events = await house.ask(feed, lambda board: board.timeline(since, asked.limit))
    return Response(encoded(timeline_body(feed.board.spec, events)), headers=FRESH, media_type=JSON)


@router.get("/ticks", response_model=TicksShape)
async def ticks(house: Here, asked: Annotated[TicksAsked, Query()]) -> Response:
    """The last ticks."""
    feed = house.feed(asked.pipeline)
    found = await house.ask(feed, lambda board: board.ticks(asked.limit))
    return Response(encoded(ticks_body(feed.board.spec, found)), headers=FRESH, media_type=JSON)


def dims_of(shown: Shown, metric: str, group: list[str]) -> Dims:
    r"""The group that is meant: `\N` is a missing value, `(null)` too unless one is called so."""
    named = named_group(group)
    found = shown.live.snapshot
    if found and any(r.metric == metric and r.dims == named for r in found.readings):
        return named
    return tuple(None if value == NULL else value for value in named)


def _read(board: Board, shown: Shown, metric: str, asked: SeriesAsked) -> Series:
    since, until = _range(board.spec.timezone, shown, asked)
    offset = Span(days=asked.offset_days) if asked.offset_days else None
    group = dims_of(shown, metric, asked.group)
    return board.series(metric, asked.grain, since, until, group=group, offset=offset)


def _range(zone: ZoneInfo, shown: Shown, asked: SeriesAsked) -> tuple[datetime, datetime]:
    as_of = shown.live.snapshot.as_of if shown.live.snapshot else shown.live.now
    until = moment_asked(asked.until, zone) if asked.until else floor_minute(as_of) + MINUTE
    today = start_of(local_day(as_of, zone), zone)
    since = moment_asked(asked.since, zone) if asked.since else today
    if since >= until:
        raise RangeError(f"since ({since.isoformat()}) is not before until ({until.isoformat()})")
    return since, until


async def _since(house: Here, feed: Feed, text: str | None) -> datetime:
    return moment_asked(text, feed.board.spec.timezone) if text else await now_of(house, feed) - DAY
