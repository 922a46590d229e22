"""The dashboard over real databases: what is folded is shown, and an outage is lived through."""

import time
from collections.abc import Iterator
from contextlib import closing

import jsonschema
import psycopg
import pytest

from kpi_pipeline.assembly import open_bell, open_board
from kpi_pipeline.embedded.cluster import Cluster
from kpi_pipeline_tests.conftest import fresh_database
from kpi_pipeline_tests.dashboard.running import BEARER, Running, events, serving
from kpi_pipeline_tests.dashboard.test_answers import ANSWERS
from kpi_pipeline_tests.sales import DECLARATION, Sales


class Shop:
    """A shop, its dashboard, and a state database that can be taken away."""

    def __init__(self, sales: Sales, running: Running, postgres: Cluster) -> None:
        self.sales = sales
        self.running = running
        self.dsn = postgres.dsn("postgres")
        self.name = sales.state_url.partition("?")[0].rpartition("/")[2]

    def away(self) -> None:
        """Cut every connection to the state database, and let none be made."""
        self._rename(self.name, f"{self.name}_away")

    def back(self) -> None:
        """Let it be reached again."""
        self._rename(f"{self.name}_away", self.name)

    def _rename(self, old: str, new: str) -> None:
        kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            connection.execute(kill, [old])
            connection.execute(f'ALTER DATABASE "{old}" RENAME TO "{new}"')


@pytest.fixture(scope="module")
def shop(postgres: Cluster) -> Iterator[Shop]:
    with fresh_database(postgres) as source, fresh_database(postgres) as state:
        declaration = DECLARATION.replace("notify: [slack]", "notify: [log]")
        sales = Sales(source, state, declaration).open()
        sales.sell(18)
        sales.sell(7, kind="=1+1")
        sales.advance()
        with (
            closing(open_board(sales.spec, sales.settings)) as board,
            serving([board], open_bell(sales.settings)) as running,
        ):
            yield Shop(sales, running, postgres)
        sales.close()


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
