"""The dashboard as an ASGI application."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from importlib.metadata import version
from pathlib import Path

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from kpi_pipeline.dashboard import (
    routes_act,
    routes_behind,
    routes_door,
    routes_health,
    routes_metrics,
    routes_now,
    routes_past,
    routes_stream,
    schemas,
)
from kpi_pipeline.dashboard.access import Access
from kpi_pipeline.dashboard.crew import Crew
from kpi_pipeline.dashboard.files import ADDRESS, PAGE, Files
from kpi_pipeline.dashboard.guard import Guard
from kpi_pipeline.dashboard.heads import Heads
from kpi_pipeline.dashboard.house import House
from kpi_pipeline.dashboard.hub import DEADLINE_SECONDS, Hub
from kpi_pipeline.dashboard.lane import Lane
from kpi_pipeline.dashboard.memo import Memo
from kpi_pipeline.dashboard.metrics import lives_of, metrics_registry
from kpi_pipeline.dashboard.openapi import describe
from kpi_pipeline.dashboard.problems import answer_problems
from kpi_pipeline.dashboard.redis_open import Publisher, publishing
from kpi_pipeline.ports.board import Bell, Board

STATIC = Path(__file__).parent / "static"
SEATS, PATIENT_SEATS = 16, 4
ROWS_SECONDS = 60.0
ROOMS = (
    routes_now,
    routes_past,
    routes_behind,
    routes_act,
    routes_stream,
    routes_health,
    routes_metrics,
    routes_door,
    schemas,
)


def create_app(
    boards: Sequence[Board],
    bell: Bell,
    access: Access,
    *,
    hub: Hub | None = None,
    publisher: Publisher | None = None,
) -> FastAPI:
    """The page at `/`, its files at `/static/`, the API and the streams.

    Args:
        boards: One a pipeline; the first is meant where none is named.
        bell: Rings when any of them has something new.
        access: Who may ask, and who may act.
        hub: One with limits of its own, over the same boards and bell.
        publisher: What else is to have every snapshot, such as Redis.
    """
    house = House(
        hub or Hub(boards, bell),
        Crew(SEATS, DEADLINE_SECONDS),
        Crew(PATIENT_SEATS, ROWS_SECONDS),
        Crew(PATIENT_SEATS, DEADLINE_SECONDS),
        access,
        Lane(),
        Memo(),
    )

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await house.hub.start()
        async with publishing(publisher, house.hub):
            yield
        await house.hub.stop()

    app = FastAPI(
        title="kpi_pipeline",
        version=version("kpi-pipeline"),
        lifespan=lifespan,
        docs_url=None,  # its page loads scripts from elsewhere
        redoc_url=None,
    )
    app.state.house = house
    app.state.metrics = metrics_registry(lives_of(house.feeds), *([publisher] if publisher else []))
    answer_problems(app)
    for each in ROOMS:
        app.include_router(each.router)
    files = Files(STATIC)

    async def index(request: Request) -> Response:
        return await files.get_response(PAGE, request.scope)

    app.add_api_route("/", index, include_in_schema=False)
    app.mount(ADDRESS, files, name="static")
    app.add_middleware(Heads)
    app.add_middleware(Guard, access=access, lane=house.lane)
    describe(app)
    return app
