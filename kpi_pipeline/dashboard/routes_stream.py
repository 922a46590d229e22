"""Streams: server-sent events and WebSockets."""

from typing import Annotated

from fastapi import APIRouter, Header, Request, WebSocket
from fastapi.responses import Response

from kpi_pipeline.compute.explanation import UnknownNameError
from kpi_pipeline.dashboard.guard import MAY_ACT
from kpi_pipeline.dashboard.house import Here
from kpi_pipeline.dashboard.hub import TooManyListenersError
from kpi_pipeline.dashboard.problems import documented
from kpi_pipeline.dashboard.routes_now import Pipeline
from kpi_pipeline.dashboard.stream import EventStream, talk

TRY_LATER, UNKNOWN = 1013, 1008
router = APIRouter()


@router.get(
    "/stream",
    response_class=Response,
    responses={
        200: {"content": {"text/event-stream": {}}, "description": "events, without end"},
        **documented(401, 404, 421, 422, 503),
    },
)
async def stream(
    house: Here,
    request: Request,
    asked: Pipeline,
    last_event_id: Annotated[str | None, Header()] = None,
) -> Response:
    """Server-sent events: snapshot, status and alerts, now and whenever they change."""
    feed = house.feed(asked.pipeline)
    box = house.hub.subscribe([feed.name], last_event_id)
    return EventStream(box, may_act=request.scope[MAY_ACT])


@router.websocket("/ws")
async def websocket(house: Here, socket: WebSocket) -> None:
    """The same messages over a WebSocket."""
    try:
        feed = house.feed(socket.query_params.get("pipeline"))
        box = house.hub.subscribe([feed.name])
    except UnknownNameError as error:
        await socket.close(UNKNOWN, str(error)[:120])
    except TooManyListenersError as error:
        await socket.close(TRY_LATER, str(error))
    else:
        await talk(socket, box, may_act=socket.scope[MAY_ACT])
