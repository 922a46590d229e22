"""The dashboard over real databases: what is folded is shown, and an outage is lived through."""

import time
from contextlib import closing

import jsonschema
import pytest

from kpi_pipeline.assembly import open_board
from kpi_pipeline.dashboard.envelope import snapshot_body
from kpi_pipeline.dashboard.status import Sight, decide
from kpi_pipeline.model.declaration.lines import parse_text
from kpi_pipeline_tests.dashboard.real import Shop
from kpi_pipeline_tests.dashboard.running import BEARER, events
from kpi_pipeline_tests.dashboard.test_answers import ANSWERS
from kpi_pipeline_tests.sales import DECLARATION


@pytest.mark.parametrize("name", sorted(ANSWERS))
def test_an_answer_is_what_its_schema_says(shop: Shop, name: str) -> None:
    schema = shop.running.body(f"/api/v1/schemas/{name}")

    jsonschema.Draft202012Validator(schema).validate(shop.running.body(ANSWERS[name]))


def test_what_is_folded_is_shown_and_adds_up(shop: Shop) -> None:
    today = shop.running.body("/api/v1/kpis/total_revenue")["readings"][1]
    explained = shop.running.body("/api/v1/kpis/total_revenue/explain?window=today")
    rows = shop.running.get(explained["leaves"][0]["rows"])
    series = shop.running.body("/api/v1/kpis/total_revenue/series?grain=hour")

    assert (today["window"], today["value"], today["n"]) == ("today", "25.00", 2)
    head, *lines = rows.text.splitlines()
    place = head.split(",").index("value")
    assert sorted(line.split(",")[place] for line in lines) == ["18.00", "7.00"]
    assert rows.headers["kpi-truncated"] == "false"
    assert sum(point["n"] for point in series["points"]) == 2


def test_a_group_that_looks_like_a_formula_is_text_in_csv(shop: Shop) -> None:
    found = shop.running.get("/api/v1/snapshot", Accept="text/csv").text

    assert "revenue_by_type,today,'=1+1,7.00,USD,1," in found


def test_a_commit_reaches_an_open_page_at_once(shop: Shop) -> None:
    took = []
    with events(shop.running) as stream:
        while next(stream)[0] != "alerts":
            pass
        for _ in range(3):
            shop.sales.sell(1)
            shop.sales.advance()
            committed = time.monotonic()
            next(event for event in stream if event[0] == "snapshot")
            took.append(time.monotonic() - committed)

    print(f"from the end of a run to the page: {max(took) * 1000:.0f} ms at most")
    assert max(took) < 1


def test_what_waits_for_a_new_metric_alone_makes_nothing_late(shop: Shop) -> None:
    declared = DECLARATION.replace(
        "    largest:", "    smallest: {agg: min, expr: amount}\n    largest:"
    )
    spec = parse_text("sales", declared, "defs.yaml")
    with closing(open_board(spec, shop.sales.settings)) as board:
        first, second = board.live(), board.live()

    assert first.snapshot is not None
    assert first.snapshot.backlog_minutes == first.snapshot.refill_minutes > 0
    status, reason = decide(spec, Sight(first))
    assert status in {"live", "quiet"}
    assert reason.endswith("history of smallest 0 % is being filled")
    told = {kpi["metric"]: kpi["building_percent"] for kpi in snapshot_body(spec, first)["kpis"]}
    assert {name for name, percent in told.items() if percent is not None} == {"smallest"}
    assert first.life.published_at == second.life.published_at is not None


def test_people_act_on_what_fires(shop: Shop) -> None:
    shop.sales.sell(5000)
    shop.sales.advance()
    where = "/api/v1/alerts"
    (fired,) = shop.running.body(where)["open"]
    seen = {key: fired[key] for key in ("rule", "dims", "number", "level")}
    taken = shop.running.client.post(f"{where}/acknowledge", json=seen, headers=BEARER).json()
    again = shop.running.client.post(f"{where}/acknowledge", json=seen, headers=BEARER)
    mute = {"rule": "milestone", "minutes": 30, "why": "sale"}
    muted = shop.running.client.post(f"{where}/mute", json=mute, headers=BEARER).json()
    heard = shop.running.client.post(
        f"{where}/unmute", json={"rule": "milestone"}, headers=BEARER
    ).json()

    assert (fired["phase"], fired["metric"]) == ("firing", "total_revenue")
    assert sorted([*fired["told"], *fired["waiting"]]) == ["log"]
    assert taken["open"][0]["acknowledged"] is not None
    assert taken["log"][0]["reason"] == "acknowledged on the dashboard"
    assert again.status_code == 409
    assert [(item["why"], item["by"]) for item in muted["mutes"]] == [("sale", "dashboard")]
    assert heard["mutes"] == []


def test_an_outage_is_lived_through(shop: Shop) -> None:
    good = shop.running.body("/api/v1/snapshot")
    with events(shop.running) as stream:
        shop.away()
        told = next(e for e in stream if e[0] == "status" and e[2]["status"] == "unreachable")
        assert shop.running.body("/api/v1/snapshot") == good
        assert shop.running.get("/api/v1/ticks").status_code == 503
        assert shop.running.get("/readyz").status_code == 503
        assert "password" not in told[2]["reason"]

        shop.back()
        next(e for e in stream if e[0] == "status" and e[2]["status"] == "live")
        shop.sales.sell(1)
        shop.sales.advance()
        found = next(event for event in stream if event[0] == "snapshot")
    assert found[2]["revision"] > good["revision"]


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("total_revenue/series?grain=minute&since=1990-01-01", 422, ""),
        ("total_revenue/series?since=2190-01-01&until=2190-01-02", 200, ""),
        ("revenue_by_type/series", 422, ""),
        ("revenue_by_type/series?group=FOOT", 404, "FOOD"),
        ("revenue_by_type/series?group=FOOD", 200, ""),
        ("total_revenue/series?group=FOOD", 422, ""),
        ("revenue_by_type/explain?window=today&group=FOOT", 404, "FOOD"),
        ("revenue_by_type/rows?window=today&group=FOOD", 200, "18.00"),
        ("total_revenue/rows?window=today&leaf=9", 404, "leaves"),
    ],
)
def test_what_cannot_be_is_a_problem_that_names_it(
    shop: Shop, path: str, status: int, said: str
) -> None:
    found = shop.running.get(f"/api/v1/kpis/{path}")

    assert (found.status_code, said in found.text) == (status, True), found.text
