"""For Prometheus."""

from http import HTTPStatus

from fastapi import APIRouter, Request
from fastapi.responses import Response

from kpi_pipeline.dashboard.metrics import exposition
from kpi_pipeline.dashboard.problems import documented

TYPES: dict[str, dict[str, str]] = {"text/plain": {}, "application/openmetrics-text": {}}
router = APIRouter(responses=documented(HTTPStatus.UNAUTHORIZED, HTTPStatus.MISDIRECTED_REQUEST))


@router.get(
    "/metrics",
    response_class=Response,
    responses={200: {"content": TYPES, "description": "what is known now, in Prometheus' words"}},
)
def metrics(request: Request) -> Response:
    """Every pipeline's numbers, clocks, alerts and proof; see docs/surfaces.md."""
    accept = request.headers.get("accept")
    body, content_type = exposition(request.app.state.metrics, accept)
    return Response(body, headers={"Content-Type": content_type, "Cache-Control": "no-store"})
