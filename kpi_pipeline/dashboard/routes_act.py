"""What people do to alerts; each answers with the alerts as they are then."""

from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from kpi_pipeline.compute.explanation import UnknownNameError
from kpi_pipeline.compute.messages import group_text
from kpi_pipeline.compute.rules import rules_of
from kpi_pipeline.dashboard.alerts import alerts_body
from kpi_pipeline.dashboard.asked import Acknowledge, Asked, Silence, Unsilence
from kpi_pipeline.dashboard.feed import Feed
from kpi_pipeline.dashboard.guard import MAY_ACT
from kpi_pipeline.dashboard.house import Here, House
from kpi_pipeline.dashboard.plain import encoded
from kpi_pipeline.dashboard.problems import Refused, documented
from kpi_pipeline.dashboard.routes_now import JSON, Pipeline
from kpi_pipeline.dashboard.shown import LOGGED, MOST_LOGGED
from kpi_pipeline.dashboard.signs import AlertsShape
from kpi_pipeline.model.declaration.nearest import did_you_mean
from kpi_pipeline.model.episode import Mute
from kpi_pipeline.model.notice import Level
from kpi_pipeline.model.pulse import RULE as FAILURE
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.ports.board import Board
from kpi_pipeline.ports.desk import Desk

BY = "dashboard"
TAKEN = "it is taken, over, or worse by now; look again"


async def must_act(request: Request) -> None:
    """Raise `Refused` for who has no token, and for what a form of another site could send."""
    if not request.scope[MAY_ACT]:
        raise Refused(HTTPStatus.UNAUTHORIZED, "to act, sign in with the dashboard's token")
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != JSON:
        raise Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"send {JSON}, not {kind or 'nothing'}")


router = APIRouter(
    prefix="/api/v1/alerts",
    dependencies=[Depends(must_act)],
    responses=documented(401, 403, 404, 409, 411, 413, 415, 421, 422, 503),
)


@router.post("/acknowledge", response_model=AlertsShape)
async def acknowledge(house: Here, asked: Pipeline, body: Acknowledge) -> Response:
    """Take an episode over as it was seen, so that nobody is reminded of it."""
    return await _act(house, asked, lambda _, desk: _acknowledge(desk, body))


@router.post("/mute", response_model=AlertsShape)
async def mute(house: Here, asked: Pipeline, body: Silence) -> Response:
    """Silence a rule for a while; it goes on judging."""

    def silence(spec: PipelineSpec, desk: Desk) -> None:
        _check_rule(spec, body.rule)
        until = desk.now() + timedelta(minutes=body.minutes)
        desk.mute(Mute(rule=body.rule, until=until, why=body.why, by=BY))

    return await _act(house, asked, silence)


@router.post("/unmute", response_model=AlertsShape)
async def unmute(house: Here, asked: Pipeline, body: Unsilence) -> Response:
    """Let a rule speak again; one that was not muted does already."""

    def speak(spec: PipelineSpec, desk: Desk) -> None:
        if not desk.unmute(body.rule):
            _check_rule(spec, body.rule)

    return await _act(house, asked, speak)


async def _act(house: House, asked: Asked, what: Callable[[PipelineSpec, Desk], None]) -> Response:
    feed = house.feed(asked.pipeline)

    def done(board: Board) -> bytes:
        what(board.spec, board.desk())
        return _alerts(board)

    data = await house.ask(feed, done)
    _tell(house, feed)
    return Response(data, headers={"Cache-Control": "no-store"}, media_type=JSON)


def _tell(house: House, feed: Feed) -> None:
    """Every page shall see it, whether or not the database rings."""
    house.hub.ring([feed.name])


def _alerts(board: Board) -> bytes:
    live = board.live()
    return encoded(alerts_body(board.spec, live, board.alert_log(live.now - LOGGED, MOST_LOGGED)))


def _acknowledge(desk: Desk, body: Acknowledge) -> None:
    dims, level = tuple(body.dims), Level(body.level)
    named = [item for item in desk.episodes() if (item.rule, item.dims) == (body.rule, dims)]
    if not named:
        group = f" ({group_text(dims)})" if dims else ""
        raise UnknownNameError(f"nothing is open of {body.rule}{group}")
    seen = [item for item in named if (item.number, item.level) == (body.number, level)]
    why = f"acknowledged on the dashboard{f': {body.why}' if body.why else ''}"
    if not seen or not desk.acknowledge(seen[0], why):
        raise Refused(HTTPStatus.CONFLICT, f"{body.rule}: {TAKEN}")


def _check_rule(spec: PipelineSpec, name: str) -> None:
    known = [*(rule.name for rule in rules_of(spec)), FAILURE]
    if name not in known:
        raise UnknownNameError(f"unknown rule {name!r}{did_you_mean(name, known)}")
