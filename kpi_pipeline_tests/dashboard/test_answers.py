"""Every answer about every scene, over HTTP, is what its published schema says."""

import re

import jsonschema
import pytest

from kpi_pipeline_tests.dashboard.running import Running
from kpi_pipeline_tests.dashboard.scenes import SCENES

ANSWERS = {
    "snapshot": "/api/v1/snapshot",
    "status": "/api/v1/status",
    "kpi": "/api/v1/kpis/total_revenue",
    "series": "/api/v1/kpis/total_revenue/series?offset_days=7",
    "explanation": "/api/v1/kpis/avg_order_value/explain?window=today",
    "alerts": "/api/v1/alerts",
    "timeline": "/api/v1/timeline",
    "ticks": "/api/v1/ticks?limit=3",
}
CACHED = {"snapshot", "status", "kpi"}


def valid(running: Running, name: str, body: object) -> None:
    kind = jsonschema.Draft202012Validator
    found = running.body(f"/api/v1/schemas/{name}")
    kind.check_schema(found)
    kind(found, format_checker=kind.FORMAT_CHECKER).validate(body)


@pytest.mark.parametrize("scene", [scene.spec.name for scene in SCENES])
@pytest.mark.parametrize("name", sorted(ANSWERS))
def test_an_answer_is_what_its_schema_says(near: Running, name: str, scene: str) -> None:
    path = ANSWERS[name]
    found = near.get(f"{path}{'&' if '?' in path else '?'}pipeline={scene}")

    away = scene == "unreachable" and name not in CACHED
    nothing = scene == "empty" and name == "explanation"
    assert found.status_code == (503 if away or nothing else 200)
    valid(near, "problem" if away or nothing else name, found.json())
    if found.status_code == 200:
        assert found.json()["pipeline"] == scene


def test_all_pipelines_are_listed_in_the_order_they_are_declared(near: Running) -> None:
    found = near.body("/api/v1/pipelines")

    valid(near, "pipelines", found)
    assert [item["name"] for item in found["pipelines"]] == [s.spec.name for s in SCENES]


def test_the_first_pipeline_is_meant_where_none_is_named(near: Running) -> None:
    assert near.body("/api/v1/snapshot")["pipeline"] == "live"


def test_each_rule_of_an_open_episode_is_told_with_what_it_is_about(near: Running) -> None:
    worst, *_ = near.body("/api/v1/alerts?pipeline=firing_muted")["open"]

    assert (worst["rule"], worst["level"], worst["metric"]) == (
        "aov_low",
        "critical",
        "avg_order_value",
    )
    assert worst["owner"] == "payments"
    assert worst["muted_until"] is not None


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/api/v1/kpis/total_revenu", 404, "did you mean 'total_revenue'"),
        ("/api/v1/kpis/total_revenu/series", 404, "did you mean 'total_revenue'"),
        ("/api/v1/snapshot?pipeline=liv", 404, "did you mean 'live'"),
        ("/api/v1/snapshot?pipline=live", 422, "pipline: nothing of that name"),
        ("/api/v1/kpis/total_revenue/explain?window=toda", 404, "did you mean 'today'"),
        ("/api/v1/kpis/total_revenue/explain", 422, "window"),
        ("/api/v1/kpis/revenue_by_type/explain?window=today&group=MEAD", 404, "mean 'MEAT'"),
        ("/api/v1/kpis/revenue_by_type/explain?window=today&group=A&group=B", 422, "1 group value"),
        ("/api/v1/kpis/total_revenue/explain?window=today&group=MEAT", 422, "no group"),
        ("/api/v1/kpis/total_revenue/series?grain=second", 422, "grain"),
        ("/api/v1/kpis/total_revenue/series?since=2026-11-26&until=2026-11-25", 422, "before"),
        ("/api/v1/kpis/total_revenue/series?since=0001-01-01", 422, "between the years"),
        ("/api/v1/kpis/total_revenue/series?since=1990-01-01&grain=minute", 422, "coarser"),
        ("/api/v1/kpis/total_revenue/series?since=yesterday", 422, "not a timestamp"),
        ("/api/v1/kpis/total_revenue/series?offset_days=-1", 422, "offset_days"),
        ("/api/v1/kpis/total_revenue/series?group=%00", 422, "group"),
        ("/api/v1/kpis/total_revenue/rows?window=today&limit=100001", 422, "limit"),
        ("/api/v1/kpis/total_revenue/rows?window=today&leaf=7", 404, "1 leaves"),
        ("/api/v1/ticks?limit=0", 422, "limit"),
        ("/api/v1/schemas/snapsho", 404, "did you mean 'snapshot'"),
        ("/api/v1/nothing", 404, "Not Found"),
        ("/static/../app.py", 404, "Not Found"),
        ("/static/%2e%2e/app.py", 404, "Not Found"),
    ],
)
def test_what_is_wrong_is_a_problem_that_names_it(
    near: Running, path: str, status: int, said: str
) -> None:
    found = near.get(path)

    assert (found.status_code, found.headers["content-type"]) == (
        status,
        "application/problem+json",
    )
    valid(near, "problem", found.json())
    assert said in found.json()["detail"]


@pytest.mark.parametrize("path", ["/", "/healthz", "/metrics", "/api/v1/snapshot"])
def test_a_head_is_answered_as_a_get_without_the_body(near: Running, path: str) -> None:
    found = near.client.head(path)

    assert (found.status_code, found.content) == (200, b"")
    named = ("content-type", "content-length", "etag")
    assert [found.headers.get(name) for name in named] == [
        near.get(path).headers.get(name) for name in named
    ]


def test_a_stream_has_no_head(near: Running) -> None:
    assert near.client.head("/stream").status_code == 405


def test_rows_are_csv_and_say_whether_there_are_more(near: Running) -> None:
    explained = near.body("/api/v1/kpis/revenue_by_type/explain?window=today&group=MEAT")
    found = near.get(f"{explained['leaves'][0]['rows']}&limit=2")

    assert found.headers["kpi-truncated"] == "true"
    assert 'filename="revenue_by_type_rows_newest_2.csv"' in found.headers["content-disposition"]
    head, first, *_ = found.text.splitlines()
    assert head == "transaction_id,created_at,value,transaction_type"
    assert first.endswith(",10,'=1+1")
    whole = near.get(explained["leaves"][0]["rows"]).headers
    assert whole["kpi-truncated"] == "false"
    assert 'filename="revenue_by_type_rows.csv"' in whole["content-disposition"]


@pytest.mark.parametrize("name", ["(null)", r"\N"])
def test_a_missing_value_of_a_group_is_asked_for_by_name(near: Running, name: str) -> None:
    found = near.body(f"/api/v1/kpis/revenue_by_type/series?group={name}")
    explained = near.body(f"/api/v1/kpis/revenue_by_type/explain?window=today&group={name}")

    assert found["dims"] == explained["group"] == [None]
    assert "group=%5CN" in explained["leaves"][0]["rows"]


def test_an_explanation_is_of_the_very_snapshot_that_is_shown(near: Running) -> None:
    shown = near.body("/api/v1/snapshot?pipeline=drift")
    found = near.body("/api/v1/kpis/total_revenue/explain?pipeline=drift&window=today")

    for name in ("as_of", "computed_at", "watermark"):
        assert found[name] == shown[name]
    assert found["notes"][-1].startswith("Rows that came after 20")


def test_csv_comes_by_accept_with_a_tag_of_its_own(near: Running) -> None:
    found = near.get("/api/v1/snapshot?pipeline=quiet", Accept="text/csv")

    assert found.headers["content-type"] == "text/csv; charset=utf-8"
    assert found.headers["etag"].endswith('.csv"')
    series = near.get("/api/v1/kpis/total_revenue/series?pipeline=quiet", Accept="text/csv")
    assert series.text.startswith("start,value,n,before_start")


def test_what_was_seen_is_not_sent_again(near: Running) -> None:
    first = near.get("/api/v1/snapshot?pipeline=drift")
    tag = first.headers["etag"]
    again = near.get("/api/v1/snapshot?pipeline=drift", If_None_Match=f'"1.1", {tag}')

    assert re.fullmatch(f'"{re.escape(first.json()["id"])}-[0-9a-f]{{16}}"', tag)
    assert first.headers["cache-control"] == "no-cache"
    assert (again.status_code, again.content) == (304, b"")
    assert near.get("/api/v1/snapshot?pipeline=drift", If_None_Match='"1.1"').status_code == 200


def test_the_description_is_openapi_3_1_and_loads_nothing_from_elsewhere(near: Running) -> None:
    found = near.body("/openapi.json")

    assert found["openapi"].startswith("3.1")
    assert "HTTPValidationError" not in str(found)
    assert near.get("/docs").status_code == 404


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/healthz", 200),
        ("/readyz", 503),
        ("/readyz?pipeline=live", 200),
        ("/readyz?pipeline=building", 200),
        ("/readyz?pipeline=stalled", 503),
        ("/readyz?pipeline=unreachable", 503),
    ],
)
def test_ready_means_that_the_numbers_are_fresh(near: Running, path: str, status: int) -> None:
    assert near.get(path).status_code == status
