"""How things stand now: answered from the hub, without a question to any database."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from kpi_pipeline.dashboard.asked import Asked
from kpi_pipeline.dashboard.envelope import one_kpi
from kpi_pipeline.dashboard.guard import MAY_ACT
from kpi_pipeline.dashboard.house import Here, known_metric
from kpi_pipeline.dashboard.plain import encoded
from kpi_pipeline.dashboard.problems import documented
from kpi_pipeline.dashboard.shapes import OneKpiShape, SnapshotShape
from kpi_pipeline.dashboard.signs import PipelinesShape, StatusShape
from kpi_pipeline.dashboard.status import decide, status_body
from kpi_pipeline.dashboard.table import MEDIA_TYPE as CSV
from kpi_pipeline.dashboard.table import snapshot_csv

FRESH = {"Cache-Control": "no-cache"}
JSON = "application/json"
Pipeline = Annotated[Asked, Query()]
router = APIRouter(
    prefix="/api/v1",
    responses=documented(401, 404, 421, 422, 503),
)


@router.get("/pipelines", response_model=PipelinesShape)
async def pipelines(house: Here) -> Response:
    """Every declared pipeline and how it does."""
    found = [(name, *decide(feed.board.spec, feed.sight)) for name, feed in house.feeds.items()]
    body: PipelinesShape = {
        "schema": "kpi.pipelines/1",
        "pipelines": [{"name": n, "status": s, "reason": reason} for n, s, reason in found],
    }
    return Response(encoded(body), headers=FRESH, media_type=JSON)


@router.get(
    "/snapshot",
    response_model=SnapshotShape,
    responses={200: {"content": {"text/csv": {}}}, 304: {"description": "as it was"}},
)
async def snapshot(house: Here, request: Request, asked: Pipeline) -> Response:
    """Every KPI over every window, as of the last good look."""
    shown = await house.shown(house.feed(asked.pipeline))
    is_csv = wants_csv(request)
    tag = f'"{shown.tag}{".csv" if is_csv else ""}"'
    headers = FRESH | {"ETag": tag, "Vary": "Accept"}
    if _has(request, tag):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    if is_csv:
        return Response(snapshot_csv(shown.snapshot), headers=headers, media_type=CSV)
    return Response(shown.encoded_snapshot, headers=headers, media_type=JSON)


@router.get("/status", response_model=StatusShape)
async def status(house: Here, request: Request, asked: Pipeline) -> Response:
    """How the pipeline does, and why."""
    feed = house.feed(asked.pipeline)
    body = status_body(feed.board.spec, feed.sight, may_act=request.scope[MAY_ACT])
    return Response(encoded(body), headers=FRESH, media_type=JSON)


@router.get("/kpis/{metric}", response_model=OneKpiShape)
async def kpi(house: Here, metric: str, asked: Pipeline) -> Response:
    """One KPI of the snapshot."""
    feed = house.feed(asked.pipeline)
    known_metric(feed, metric)
    shown = await house.shown(feed)
    body = one_kpi(shown.snapshot, metric)
    return Response(encoded(body), headers=FRESH, media_type=JSON)


def wants_csv(request: Request) -> bool:
    """Whether CSV is what is asked for; JSON to whoever takes anything."""
    accepted = request.headers.get("accept", "")
    return "text/csv" in accepted and JSON not in accepted


def _has(request: Request, tag: str) -> bool:
    given = request.headers.get("if-none-match", "")
    known = {item.strip().removeprefix("W/") for item in given.split(",")}
    return tag in known or given.strip() == "*"
