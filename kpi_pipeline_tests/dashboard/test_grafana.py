"""The Grafana dashboards: well formed, and every query runs, under no more rights than are told."""

import json
import re
import subprocess
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import combinations
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.engine import make_url

from kpi_pipeline.dashboard.metrics_families import FAMILIES
from kpi_pipeline.embedded.cluster import Cluster
from kpi_pipeline_tests.conftest import fresh_database
from kpi_pipeline_tests.dashboard.needed import need
from kpi_pipeline_tests.sales import Sales

DOCS = Path(__file__).parents[2] / "docs"
DECLARED = DOCS.parent / "kpi_pipeline" / "defs" / "sales" / "defs.yaml"
SURFACES = (DOCS / "surfaces.md").read_text()
FILES = sorted((DOCS / "grafana").glob("*.json"))
READER = "grafana"
PANELS = {"stat", "table", "timeseries"}
VARIABLES = {"datasource", "constant", "query"}
PLUGINS = {"grafana-postgresql-datasource", "prometheus"}
COLUMNS = 24
MINUTES = {"10m": 600}
Json = dict[str, Any]
Rows = list[dict[str, Any]]


def load(file: Path) -> Json:
    found: Json = json.loads(file.read_text())
    return found


SQL, PROMETHEUS = (
    load(DOCS / "grafana" / f"{name}.json") for name in ("kpi_pipeline", "kpi_pipeline_prometheus")
)
PANEL = {panel["title"]: panel for panel in SQL["panels"]}


@pytest.fixture(scope="module")
def sales(postgres: Cluster) -> Iterator[Sales]:
    """The demo's pipeline over sales of today and of a week before."""
    with fresh_database(postgres) as source, fresh_database(postgres) as state:
        shop = Sales(source, state, DECLARED.read_text()).open()
        for minutes in (3, 130, 190):
            today = (datetime.now(UTC) - timedelta(minutes=minutes)).astimezone(shop.spec.timezone)
            for at in (today, today - timedelta(days=7)):  # by the local clock
                shop.sell("20.25", at=at, kind="FOOD", user=minutes)
                shop.sell("9.75", at=at, kind=None)
        shop.sell("0")  # there is something today, however young it is
        shop.advance()
        yield shop
        shop.close()


@pytest.fixture(scope="module")
def reader(postgres: Cluster, sales: Sales) -> Iterator[Engine]:
    """A role that was granted what the page about it says."""
    (grants,) = re.findall(r"```sql\n(.*?)```", SURFACES, re.DOTALL)
    engine = create_engine(make_url(sales.state_url).set(username=READER))
    with psycopg.connect(postgres.dsn("postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {READER} LOGIN")
        name = make_url(sales.state_url).database
        with psycopg.connect(postgres.dsn(str(name)), autocommit=True) as owner:
            owner.execute(grants)
            yield engine
            engine.dispose()
            owner.execute(f"DROP OWNED BY {READER}")
        connection.execute(f"DROP ROLE {READER}")


def interpolated(query: str, values: Mapping[str, str]) -> str:
    """A query with the dashboard's variables put in, as Grafana does before it sends it."""
    for name, value in values.items():
        query = query.replace(f"${{{name}}}", value).replace(f"${name}", value)
    return query


def expanded(sql: str, since: datetime, until: datetime) -> str:
    """A query with Grafana's macros for PostgreSQL expanded, as its documentation has them."""

    def macro(found: re.Match[str]) -> str:
        name, words = found[1], [word.strip() for word in found[2].split(",")]
        if name == "__timeFilter":
            return f"{words[0]} BETWEEN '{since.isoformat()}' AND '{until.isoformat()}'"
        assert name == "__timeGroupAlias", name
        seconds = MINUTES[words[1].strip("'")]
        return f'floor(extract(epoch from {words[0]})/{seconds})*{seconds} AS "time"'

    return re.sub(r"\$([_a-zA-Z0-9]+)\(([^)]*)\)", macro, sql)


def ask(reader: Engine, target: Json) -> Rows:
    """What a panel's query gives for the last day."""
    constants = {
        v["name"]: v["query"] for v in SQL["templating"]["list"] if v["type"] == "constant"
    }
    now = datetime.now(UTC)
    sql = expanded(interpolated(target["rawSql"], constants), now - timedelta(days=1), now)
    assert "$" not in sql
    with reader.connect() as connection:
        return [dict(row) for row in connection.execute(text(sql.replace(":", r"\:"))).mappings()]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_dashboard_is_what_grafana_takes(file: Path) -> None:
    board = load(file)
    variables = {each["name"]: each for each in board["templating"]["list"]}

    assert board["schemaVersion"] == 39
    assert 8 <= len(board["uid"]) <= 40
    assert {"title", "time", "timezone", "annotations", "panels"} <= set(board)
    assert "id" not in board
    assert {each["type"] for each in variables.values()} <= VARIABLES
    assert variables["datasource"]["query"] in PLUGINS
    for name in re.findall(r"\$\{?([a-z]\w*)\}?", file.read_text()):
        assert name in variables


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_its_panels_are_complete_and_lie_beside_each_other(file: Path) -> None:
    board = load(file)
    plugin = board["templating"]["list"][0]["query"]
    source = {"type": plugin, "uid": "${datasource}"}

    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])
    for panel in board["panels"]:
        assert panel["type"] in PANELS
        assert panel["title"]
        assert set(panel["fieldConfig"]) == {"defaults", "overrides"}
        refs = [target["refId"] for target in panel["targets"]]
        assert len(refs) == len(set(refs)) > 0
        assert all(each["datasource"] == source for each in (panel, *panel["targets"]))
        assert panel["gridPos"]["x"] + panel["gridPos"]["w"] <= COLUMNS
    assert not [
        (a["title"], b["title"])
        for a, b in combinations(board["panels"], 2)
        if all(
            a["gridPos"][x] < b["gridPos"][x] + b["gridPos"][w]
            and b["gridPos"][x] < a["gridPos"][x] + a["gridPos"][w]
            for x, w in (("x", "w"), ("y", "h"))
        )
    ]


@pytest.mark.parametrize("title", list(PANEL))
def test_every_query_runs_with_the_rights_that_are_told(reader: Engine, title: str) -> None:
    for target in PANEL[title]["targets"]:
        rows = ask(reader, target)

        assert rows
        if target["format"] == "time_series":
            assert "time" in rows[0]
            assert [row["time"] for row in rows] == sorted(row["time"] for row in rows)
        named = {o["matcher"]["options"] for o in PANEL[title]["fieldConfig"]["overrides"]}
        fields = {name for t in PANEL[title]["targets"] for name in ask(reader, t)[0]}
        assert named <= fields


@pytest.mark.parametrize(
    ("title", "metric", "window"),
    [
        ("Revenue today", "total_revenue", "today"),
        ("Transactions today", "transaction_count", "today"),
        ("Users today", "unique_users", "today"),
        ("Average order value today", "avg_order_value", "today"),
        ("Average order value, last 60 minutes", "avg_order_value", "last_60m"),
    ],
)
def test_a_tile_shows_what_the_snapshot_says(
    sales: Sales, reader: Engine, title: str, metric: str, window: str
) -> None:
    published = sales.parts.store.latest()
    assert published is not None
    (reading,) = published.snapshot.find(metric, window)
    (row,) = ask(reader, PANEL[title]["targets"][0])

    assert row["now"] == reading.value
    percent = reading.delta_percent
    assert row["change"] == (None if percent is None else pytest.approx(percent / 100))


def test_the_line_of_a_week_before_lies_under_that_of_today(reader: Engine) -> None:
    today, before = (
        [(row["time"], row[name]) for row in ask(reader, target) if row[name]]
        for target, name in zip(
            PANEL["Revenue, today over a week before"]["targets"],
            ("today", "a week before"),
            strict=True,
        )
    )

    assert [value for _, value in today] == [30, 30, 30]
    assert today == before


def test_nothing_but_the_views_may_be_read(reader: Engine) -> None:
    with reader.connect() as connection, pytest.raises(Exception, match="permission denied"):
        connection.execute(text("SELECT 1 FROM kpi.episode"))


def test_every_query_to_prometheus_is_one_and_names_what_there_is(tmp_path: Path) -> None:
    promtool = need("promtool", "prometheus")
    values = {"pipeline": "sales", "metric": "total_revenue", "window": "today"}
    queries = [
        interpolated(target["expr"], values)
        for panel in PROMETHEUS["panels"]
        for target in panel["targets"]
    ]
    rules = [{"record": f"panel:{n}", "expr": query} for n, query in enumerate(queries)]
    told = re.search(r"```yaml\n(groups:.*?)```", SURFACES, re.DOTALL)
    assert told is not None
    groups = [{"name": "panels", "rules": rules}, *yaml.safe_load(told[1])["groups"]]
    file = tmp_path / "rules.yml"
    file.write_text(yaml.safe_dump({"groups": groups}))
    said = subprocess.run(
        [promtool, "check", "rules", str(file)],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )

    assert said.returncode == 0, said.stdout + said.stderr
    assert set(re.findall(r"\bkpi_\w+", " ".join(queries))) <= {*FAMILIES, "kpi_redis_up"}


def test_the_page_about_metrics_names_every_one() -> None:
    table = "\n".join(line for line in SURFACES.splitlines() if line.startswith("| `kpi_"))

    assert set(re.findall(r"`(kpi_\w+)`", table)) == {*FAMILIES, "kpi_redis_up"}
