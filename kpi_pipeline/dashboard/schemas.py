"""JSON Schemas of what the API answers, for whoever reads it, and for its tests."""

from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import TypeAdapter

from kpi_pipeline.compute.explanation import UnknownNameError
from kpi_pipeline.dashboard import past, shapes, signs
from kpi_pipeline.dashboard.problems import ProblemShape, documented
from kpi_pipeline.model.declaration.nearest import did_you_mean

DIALECT = "https://json-schema.org/draft/2020-12/schema"
SHAPES = {
    "snapshot": shapes.SnapshotShape,
    "kpi": shapes.OneKpiShape,
    "series": past.SeriesShape,
    "explanation": past.ExplanationShape,
    "pipelines": signs.PipelinesShape,
    "status": signs.StatusShape,
    "alerts": signs.AlertsShape,
    "timeline": past.TimelineShape,
    "ticks": past.TicksShape,
    "problem": ProblemShape,
}
router = APIRouter(prefix="/api/v1/schemas")


@router.get("/{name}", responses=documented(404, 422))
async def schema(name: str) -> JSONResponse:
    """The JSON Schema of an answer, by name."""
    return JSONResponse(json_schema(name), media_type="application/schema+json")


def json_schema(name: str) -> dict[str, Any]:
    """The JSON Schema of an answer.

    Raises:
        UnknownNameError: There is none of that name; names the nearest.
    """
    if name not in SHAPES:
        raise UnknownNameError(f"unknown schema {name!r}{did_you_mean(name, SHAPES)}")
    found = TypeAdapter(SHAPES[name]).json_schema(mode="serialization")
    return {"$schema": DIALECT, "$id": f"/api/v1/schemas/{name}", **found}
