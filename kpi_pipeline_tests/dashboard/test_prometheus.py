"""A real Prometheus reads the dashboard's `/metrics`, and answers with what it says."""

import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal

import httpx
import pytest
import yaml

from kpi_pipeline.dashboard.metrics_groups import group_label
from kpi_pipeline.dashboard.redis_open import open_redis
from kpi_pipeline_tests.dashboard.gallery import gallery
from kpi_pipeline_tests.dashboard.gallery_board import GalleryBoard
from kpi_pipeline_tests.dashboard.needed import need
from kpi_pipeline_tests.dashboard.running import BEARER, Running, serving

Found = list[tuple[dict[str, str], float]]
Ask = Callable[[str], Found]
SHOWN = ("live", "firing", "groups", "odd")
"""Scenes of the gallery."""
ODD = ('a "quoted"', "a\\\\b\\n", "two\nlines", "a, b", "{x}", "Straße", "")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def boards() -> list[GalleryBoard]:
    found, bell = gallery()
    shown = {board.spec.name: board for board in found if board.spec.name in SHOWN}
    scene = replace(shown["groups"].scene, groups=(*ODD, None))
    return list({**shown, "groups": GalleryBoard(scene, bell)}.values())


@pytest.fixture(scope="module")
def page(boards: list[GalleryBoard]) -> Iterator[Running]:
    """A dashboard whose Redis is away."""
    away = open_redis(f"redis://127.0.0.1:{free_port()}")
    with serving(boards, boards[0].bell, publisher=away) as running:
        yield running


@pytest.fixture(scope="module")
def ask(page: Running, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    """Asks a Prometheus that reads the dashboard every second."""
    program = need("prometheus", "prometheus")
    folder = tmp_path_factory.mktemp("prometheus")
    target = page.url.removeprefix("http://")
    config = {
        "global": {"scrape_interval": "1s", "scrape_timeout": "1s"},
        "scrape_configs": [{"job_name": "kpi", "static_configs": [{"targets": [target]}]}],
    }
    (folder / "prometheus.yml").write_text(yaml.safe_dump(config))
    address = f"127.0.0.1:{free_port()}"
    words = {
        "config.file": folder / "prometheus.yml",
        "storage.tsdb.path": folder / "data",
        "web.listen-address": address,
        "log.level": "error",
    }
    process = subprocess.Popen([program, *(f"--{name}={word}" for name, word in words.items())])

    def answered(query: str) -> Found:
        url, asked = f"http://{address}/api/v1/query", {"query": query}
        found = httpx.get(url, params=asked, trust_env=False).json()["data"]["result"]
        return [(each["metric"], float(each["value"][1])) for each in found]

    def patient(query: str) -> Found:
        until = time.monotonic() + 30
        while True:
            try:
                if found := answered(query):
                    return found
            except (httpx.TransportError, ValueError):  # it says 503 in words while it starts
                assert process.poll() is None, "prometheus ended"
            assert time.monotonic() < until, f"no answer to {query}"
            time.sleep(0.1)

    yield patient
    process.terminate()
    process.wait(20)


def test_prometheus_answers_with_the_value_of_the_snapshot(
    ask: Ask, boards: list[GalleryBoard]
) -> None:
    query = 'kpi_value{pipeline="live", metric="total_revenue", window="lifetime", unit="USD"}'
    ((labels, value),) = ask(query)
    live = next(board for board in boards if board.spec.name == "live").live()
    assert live.snapshot is not None
    (reading,) = live.snapshot.find("total_revenue", "lifetime")

    assert labels["__name__"] == "kpi_value"
    assert value == pytest.approx(float(reading.value or Decimal(0)), rel=1e-3)


def test_an_alert_that_fires_is_asked_for_by_its_rule(ask: Ask) -> None:
    found = ask('kpi_alert_state{pipeline="firing"} == 2')

    assert all(labels["level"] in {"warn", "critical"} for labels, _ in found)


def test_no_sample_is_lost_however_odd_a_group_is_called(
    ask: Ask, page: Running, boards: list[GalleryBoard]
) -> None:
    lines = [line for line in page.get("/metrics").text.splitlines() if line.startswith("kpi_")]
    snapshot = next(board for board in boards if board.spec.name == "groups").live().snapshot
    assert snapshot is not None
    groups = {group_label(reading.dims) for reading in snapshot.readings}

    assert ask('count({__name__=~"kpi_.*"})') == [({}, len(lines))]
    assert {labels.get("group", "") for labels, _ in ask('kpi_rows{pipeline="groups"}')} == groups
    assert {labels["pipeline"] for labels, _ in ask("kpi_up == 1")} == set(SHOWN)


def test_a_redis_that_is_away_is_told_and_harms_nothing(ask: Ask) -> None:
    ((_, value),) = ask("kpi_redis_up")

    assert value == 0


def test_a_state_database_that_is_away_takes_every_number_of_its_pipeline(
    ask: Ask, boards: list[GalleryBoard]
) -> None:
    board = next(board for board in boards if board.spec.name == "odd")
    assert ask('kpi_revision{pipeline="odd"}')
    board.away = True
    board.commit()

    assert ask('kpi_up{pipeline="odd"} == 0')
    assert ask('absent(kpi_revision{pipeline="odd"})')
    assert ask('kpi_revision{pipeline="live"}')


def test_openmetrics_is_given_to_who_asks_for_it(page: Running) -> None:
    plain = page.get("/metrics", accept="text/plain")
    openmetrics = page.get("/metrics", accept="application/openmetrics-text; version=1.0.0")

    assert plain.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert openmetrics.headers["content-type"].startswith("application/openmetrics-text; version=1")
    assert "# EOF" not in plain.text
    assert openmetrics.text.endswith("# EOF\n")


def test_metrics_want_the_token_where_anything_does(far: Running) -> None:
    assert far.get("/metrics").status_code == 401
    assert far.get("/metrics", **BEARER).status_code == 200
