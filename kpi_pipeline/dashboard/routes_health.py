"""Whether the process lives, and whether what it shows is fresh."""

from http import HTTPStatus

from fastapi import APIRouter
from fastapi.responses import Response

from kpi_pipeline.dashboard.house import Here
from kpi_pipeline.dashboard.plain import encoded
from kpi_pipeline.dashboard.problems import documented, problem
from kpi_pipeline.dashboard.routes_now import JSON, Pipeline
from kpi_pipeline.dashboard.shapes import Status
from kpi_pipeline.dashboard.status import decide

READY: frozenset[Status] = frozenset({"live", "quiet", "building"})
NO_STORE = {"Cache-Control": "no-store"}
router = APIRouter()


@router.get("/healthz")
async def healthz() -> dict[str, str]:
    """The process lives; says nothing of what it shows."""
    return {"status": "ok"}


@router.get("/readyz", responses=documented(401, 404, 421, 422, 503))
async def readyz(house: Here, asked: Pipeline) -> Response:
    """The numbers are fresh: of the pipeline that is named, or of all."""
    feeds = [house.feed(asked.pipeline)] if asked.pipeline else list(house.feeds.values())
    found = [(feed.name, *decide(feed.board.spec, feed.sight)) for feed in feeds]
    bad = [f"{name} is {status}: {why}" for name, status, why in found if status not in READY]
    if bad or not found:
        said = "; ".join(bad) or "no pipeline is declared"
        return problem(HTTPStatus.SERVICE_UNAVAILABLE, said)
    return Response(encoded({"status": "ok"}), headers=NO_STORE, media_type=JSON)
