"""What is behind a number: its explanation, and the source's rows."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response

from kpi_pipeline.dashboard.asked import ExplainAsked, RowsAsked, named_group
from kpi_pipeline.dashboard.explanation import explanation_body
from kpi_pipeline.dashboard.house import Here, known_metric
from kpi_pipeline.dashboard.past import ExplanationShape
from kpi_pipeline.dashboard.plain import encoded
from kpi_pipeline.dashboard.problems import documented
from kpi_pipeline.dashboard.routes_now import FRESH, JSON
from kpi_pipeline.dashboard.rows import rows_csv
from kpi_pipeline.dashboard.standing import Standing
from kpi_pipeline.dashboard.table import MEDIA_TYPE as CSV

router = APIRouter(prefix="/api/v1", responses=documented(401, 404, 421, 422, 503))


@router.get("/kpis/{metric}/explain", response_model=ExplanationShape)
async def explain(house: Here, metric: str, asked: Annotated[ExplainAsked, Query()]) -> Response:
    """What is behind a published number."""
    feed = house.feed(asked.pipeline)
    known_metric(feed, metric)
    shown = await house.shown(feed)
    group, seen = named_group(asked.group), shown.rendered
    found = await house.curious.run(
        lambda: feed.board.explain(metric, asked.window, group, seen=seen)
    )
    spec = feed.board.spec
    body = explanation_body(spec, found, Standing.of(spec, shown.live))
    return Response(encoded(body), headers=FRESH, media_type=JSON)


@router.get(
    "/kpis/{metric}/rows",
    response_class=Response,
    responses={200: {"content": {"text/csv": {}}, "description": "CSV"}},
)
async def rows(house: Here, metric: str, asked: Annotated[RowsAsked, Query()]) -> Response:
    """The source's rows behind a number, of which `value`, aggregated, gives it again."""
    feed = house.feed(asked.pipeline)
    known_metric(feed, metric)
    text, truncated = await house.patient.run(lambda: rows_csv(feed.board, metric, asked))
    part = f"_newest_{asked.limit}" if truncated else ""
    name = f'attachment; filename="{metric}_rows{part}.csv"'
    headers = FRESH | {"Kpi-Truncated": str(truncated).lower(), "Content-Disposition": name}
    return Response(text, headers=headers, media_type=CSV)
