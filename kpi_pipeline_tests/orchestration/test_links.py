"""Where the links in an alert's message lead."""

import pytest

from kpi_pipeline.config import Settings
from kpi_pipeline.orchestration.asset import links
from kpi_pipeline_tests.unit.builders import shop

ASSET = "https://dagster.example.com/assets/shop/kpi_snapshot"
RUN = "https://dagster.example.com/runs/3f2a"
PAGE = "https://kpi.example.com/?pipeline=shop"


@pytest.mark.parametrize(
    ("ui", "page", "led"),
    [
        (None, None, ()),
        ("https://dagster.example.com/", None, (("Dashboard", ASSET), ("Run", RUN))),
        (None, "https://kpi.example.com", (("Dashboard", PAGE),)),
        (
            "https://dagster.example.com",
            "https://kpi.example.com/",
            (("Dashboard", PAGE), ("Run", RUN)),
        ),
    ],
)
def test_the_live_page_is_the_dashboard_where_there_is_one(
    ui: str | None, page: str | None, led: tuple[tuple[str, str], ...]
) -> None:
    assert links(Settings(ui_url=ui, dashboard_url=page), shop(), "3f2a") == led
