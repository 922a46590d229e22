"""Ticks and runs that fail: told once when it lasts, told again when it is over."""

import logging
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from sqlalchemy import create_engine, text

from kpi_pipeline.assembly import assemble
from kpi_pipeline.model.episode import Mute
from kpi_pipeline.model.errors import KpiError, SourceError
from kpi_pipeline.model.live import Tick, TickKind
from kpi_pipeline.model.pulse import RULE
from kpi_pipeline.pipeline.failures import note_failure, note_success
from kpi_pipeline.store.engine import state_engine
from kpi_pipeline.store.pulse import PostgresPulse
from kpi_pipeline_tests.orchestration.conftest import Deployment
from kpi_pipeline_tests.sales import DECLARATION, Sales

BROKEN = "ALTER TABLE transactions RENAME amount TO price"
MENDED = "ALTER TABLE transactions RENAME price TO amount"
LATER = text("""
UPDATE kpi.pulse SET failing_since = failing_since - CAST(:age AS interval),
  looked_at = looked_at - CAST(:age AS interval),
  notified_at = notified_at - CAST(:age AS interval)
""")


@pytest.fixture
def sales(sales: Sales) -> Sales:
    sales.declaration = f"{DECLARATION}  failures: {{after: 5m, notify: [slack]}}\n"
    return sales


def later(sales: Sales, minutes: int) -> None:
    engine = create_engine(sales.state_url)
    with engine.begin() as connection:
        connection.execute(LATER, {"age": timedelta(minutes=minutes)})
    engine.dispose()


def fails(deployment: Deployment, cursor: str | None) -> None:
    with pytest.raises(KpiError, match="has no column 'amount'"):
        deployment.tick(cursor)


def outbox(sales: Sales) -> list[tuple[object, ...]]:
    rows = "SELECT notice ->> 'kind', notice ->> 'rule', channel, state FROM kpi.outbox ORDER BY id"
    return sales.state_rows(rows)


@pytest.fixture
def cursor(deployment: Deployment) -> str | None:
    deployment.sales.sell(1)
    first = deployment.tick(None)
    deployment.materialize()
    return deployment.tick(first.cursor).cursor


def test_ticks_that_fail_for_a_while_are_told_once_and_their_end_once(
    deployment: Deployment, cursor: str | None
) -> None:
    sales = deployment.sales
    sales.run(BROKEN)
    fails(deployment, cursor)
    assert outbox(sales) == []
    later(sales, 6)

    asked = deployment.tick(cursor)
    assert asked.run_requests is not None
    assert "messages to send, though" in asked.run_requests[0].tags["kpi/reason"]
    assert not deployment.materialize().success
    assert outbox(sales) == [("fire", "pipeline_failure", "slack", "sent")]
    fails(deployment, cursor)
    sales.run(MENDED)
    deployment.tick(cursor)
    deployment.tick(cursor)

    assert [row[:3] for row in outbox(sales)] == [
        ("fire", "pipeline_failure", "slack"),
        ("resolve", "pipeline_failure", "slack"),
    ]
    log = "SELECT before, after FROM kpi.transition WHERE rule = 'pipeline_failure' ORDER BY id"
    assert sales.state_rows(log) == [("ok", "pending"), ("pending", "firing"), ("firing", "ok")]


def test_a_failure_that_passes_is_told_to_nobody_and_written_down(
    deployment: Deployment, cursor: str | None
) -> None:
    deployment.sales.run(BROKEN)
    fails(deployment, cursor)
    fails(deployment, cursor)
    deployment.sales.run(MENDED)
    deployment.tick(cursor)

    assert outbox(deployment.sales) == []
    log = "SELECT before, after, reason FROM kpi.transition WHERE rule = 'pipeline_failure'"
    ((*_, why), (*_, end)) = deployment.sales.state_rows(log)
    assert "has no column 'amount'" in str(why)
    assert end == "it went well"


def test_runs_that_fail_are_told_by_the_run_itself_and_a_good_one_ends_it(
    deployment: Deployment, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="kpi_pipeline.alerts")
    sales = deployment.sales
    sales.run(BROKEN)
    deployment.materialize()
    later(sales, 6)

    assert not deployment.materialize().success
    sales.run(MENDED)
    assert deployment.materialize().success

    assert [row[0] for row in outbox(sales)] == ["fire", "resolve"]
    assert "CRIT sales fails for 6m" in caplog.text
    assert "OK sales works again after 6m" in caplog.text


def test_a_tick_that_asks_for_a_run_ends_no_failure(
    deployment: Deployment, cursor: str | None
) -> None:
    pulse, spec = deployment.sales.parts.pulse, deployment.sales.spec
    note_failure(pulse, spec, SourceError("a run failed"))
    deployment.sales.sell(1)

    assert deployment.tick(cursor).run_requests
    assert pulse.life().failing is not None


def test_an_error_is_told_without_its_secrets(sales: Sales) -> None:
    pulse = sales.parts.pulse
    error = SourceError("cannot reach postgresql://reader:hush@db/shop?password=hush")
    note_failure(pulse, sales.spec, error)
    later(sales, 6)
    note_failure(pulse, sales.spec, error)
    note_failure(pulse, sales.spec, ZeroDivisionError("hush"))

    rows = sales.state_rows("SELECT notice::text FROM kpi.outbox UNION SELECT why FROM kpi.pulse")
    assert len(rows) == 2
    assert "hush" not in str(rows)
    assert "reader" in str(rows)


def test_failures_say_where_to_look(sales: Sales) -> None:
    page, ui = "https://kpis.example.com/", "https://dagster.example.com"
    parts = assemble(sales.spec, replace(sales.settings, dashboard_url=page, ui_url=ui))
    note_failure(parts.pulse, sales.spec, SourceError("away"))
    later(sales, 6)
    note_failure(parts.pulse, sales.spec, SourceError("away"))
    parts.close()

    links = [
        ["Dashboard", "https://kpis.example.com/?pipeline=sales"],
        ["Dagster runs", "https://dagster.example.com/runs"],
    ]
    assert sales.state_rows("SELECT notice -> 'links' FROM kpi.outbox") == [(links,)]


def test_failures_that_are_muted_are_told_when_that_ends(sales: Sales) -> None:
    pulse, desk = sales.parts.pulse, sales.parts.store.desk()
    desk.mute(Mute(rule=RULE, until=desk.now() + timedelta(hours=1), why="a move"))
    note_failure(pulse, sales.spec, SourceError("away"))
    later(sales, 6)
    note_failure(pulse, sales.spec, SourceError("away"))
    silent = outbox(sales)
    desk.unmute(RULE)
    note_failure(pulse, sales.spec, SourceError("away"))

    assert silent == []
    assert [row[0] for row in outbox(sales)] == ["fire"]


def test_whoever_takes_failures_over_is_reminded_no_more(sales: Sales) -> None:
    sales.declaration = sales.declaration.replace(
        "notify: [slack]}\n", "notify: [slack], repeat: 1h}\n"
    )
    pulse, desk = sales.parts.pulse, sales.parts.store.desk()
    for age in (0, 6, 70):
        later(sales, age)
        note_failure(pulse, sales.spec, SourceError("away"))
    (seen,) = desk.episodes()

    assert not desk.acknowledge(replace(seen, number=2), "acknowledged by kim")
    assert desk.acknowledge(seen, "acknowledged by kim")
    assert not desk.acknowledge(seen, "acknowledged by kim")
    later(sales, 70)
    note_failure(pulse, sales.spec, SourceError("away"))
    note_success(pulse, sales.spec, Tick(kind=TickKind.LOOK))

    assert not desk.acknowledge(seen, "too late")
    kinds = [row[0] for row in outbox(sales)]
    assert kinds == ["fire", "remind", "acknowledge", "resolve"]
    (taken,) = desk.transitions(desk.now() - timedelta(days=1), [RULE], 2)[1][1:]
    assert taken.reason == "acknowledged by kim"


def test_a_process_that_runs_on_knows_failures_though_a_newer_release_says_more(
    sales: Sales,
) -> None:
    pulse, desk = sales.parts.pulse, sales.parts.store.desk()
    note_failure(pulse, sales.spec, SourceError("away"))
    engine = create_engine(sales.state_url)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE kpi.pulse ADD mood text NOT NULL DEFAULT 'low'"))
    engine.dispose()

    note_failure(pulse, sales.spec, SourceError("away"))

    assert sales.state_rows("SELECT failures, mood FROM kpi.pulse") == [(2, "low")]
    assert [episode.rule for episode in desk.episodes()] == [RULE]


def test_failures_at_once_are_told_once(sales: Sales) -> None:
    pulse = sales.parts.pulse
    note_failure(pulse, sales.spec, SourceError("away"))
    later(sales, 6)
    threads = [
        threading.Thread(target=note_failure, args=(pulse, sales.spec, SourceError("away")))
        for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sales.state_rows("SELECT failures, number FROM kpi.pulse") == [(7, 1)]
    assert len(outbox(sales)) == 1


def test_a_state_database_that_is_away_is_a_line_in_the_log(
    sales: Sales, caplog: pytest.LogCaptureFixture
) -> None:
    pulse = PostgresPulse(state_engine("postgresql://nobody@127.0.0.1:1/none"), "sales")

    note_failure(pulse, sales.spec, SourceError("away"))
    note_success(pulse, sales.spec, Tick(kind=TickKind.LOOK))

    assert caplog.text.count("could not be written down") == 2


def test_every_good_look_is_written_down(deployment: Deployment, cursor: str | None) -> None:
    def looked() -> list[tuple[object, ...]]:
        return deployment.sales.state_rows("SELECT looked_at FROM kpi.pulse")

    first = looked()
    deployment.tick(cursor)

    assert looked() > first


class Monitor(HTTPServer):
    """Counts who asks; answers with its status, or hangs up."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Asked)
        self.paths: list[str] = []
        self.status = 200


class _Asked(BaseHTTPRequestHandler):
    server: Monitor

    def do_GET(self) -> None:
        self.server.paths.append(self.path)
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Keep standard error for errors."""


@pytest.fixture
def monitor(monkeypatch: pytest.MonkeyPatch) -> Iterator[Monitor]:
    for name in ("HTTP_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)
    server = Monitor()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    url = f"http://127.0.0.1:{server.server_address[1]}/ping/hush"
    monkeypatch.setenv("KPI_HEARTBEAT_URL", url)
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_each_good_tick_and_run_asks_for_the_heartbeat_and_no_other(
    deployment: Deployment, monitor: Monitor
) -> None:
    deployment.sales.sell(1)
    first = deployment.tick(None)
    assert monitor.paths == []
    deployment.materialize()
    deployment.tick(first.cursor)
    assert monitor.paths == ["/ping/hush"] * 2
    deployment.sales.run(BROKEN)
    fails(deployment, first.cursor)
    deployment.materialize()

    assert len(monitor.paths) == 2


def test_a_heartbeat_that_fails_fails_no_tick_and_shows_no_secret(
    deployment: Deployment,
    cursor: str | None,
    monitor: Monitor,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monitor.status = 404
    assert deployment.tick(cursor).skip_reason
    for url in ("http://127.0.0.1:1/ping/hush", "ftp://hush", "http://[hush", "hush"):
        monkeypatch.setenv("KPI_HEARTBEAT_URL", url)
        assert deployment.tick(cursor).skip_reason

    assert caplog.text.count("heartbeat") >= 3
    assert "hush" not in caplog.text
