"""Whatever a database or its driver says, nobody reads where it is and who asks it."""

import json
import time

import pytest

from kpi_pipeline.dashboard.alerts import alerts_body
from kpi_pipeline.dashboard.away import plainly
from kpi_pipeline.dashboard.history import ticks_body, timeline_body
from kpi_pipeline.dashboard.status import Sight, status_body
from kpi_pipeline.model.episode import Episode, Phase, Transition
from kpi_pipeline.model.live import AlertLog, Event, EventKind, Tick, TickKind
from kpi_pipeline.model.notice import Level
from kpi_pipeline_tests.dashboard.gallery_live import live_of
from kpi_pipeline_tests.dashboard.scenes import REFUSED
from kpi_pipeline_tests.dashboard.test_status import BY_NAME, NOW

SECRETS = ("10.1.2.3", "5432", "3306", "reader", "shop", "srv", "erp.example")
AWAY = "the source database is away: "
NOT_ABLE = "the source database cannot do it: "


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (REFUSED.removeprefix("source database: "), f"{AWAY}connection refused"),
        (
            'connection failed: FATAL: password authentication failed for user "reader"',
            f"{AWAY}it refuses the login",
        ),
        (
            'FATAL: no pg_hba.conf entry for host "10.1.2.3", user "reader", database "shop"',
            f"{AWAY}it refuses the login",
        ),
        ("failed to resolve host 'erp.example': [Errno -2]", f"{AWAY}its host has no address"),
        ("connection timeout expired\n- host: 'erp.example'", f"{AWAY}it does not answer in time"),
        (
            "Can't connect to MySQL server on 'erp.example' ([Errno 111] Connection refused)",
            f"{AWAY}connection refused",
        ),
        (
            "Access denied for user 'reader'@'10.1.2.3' (using password: YES)",
            f"{AWAY}it refuses the login",
        ),
        ("Unknown database 'shop'", f"{NOT_ABLE}it, or its role, does not exist"),
        ('database "shop" does not exist', f"{NOT_ABLE}it, or its role, does not exist"),
        ("KPI_SOURCE_URL names /srv/shop.db, which is not a file", f"{AWAY}its file is not there"),
        ("server closed the connection unexpectedly", f"{AWAY}the connection was cut"),
        ('permission denied for table "shop"', f"{NOT_ABLE}permission denied"),
        ('relation "shop" does not exist', f"{NOT_ABLE}a table is missing"),
        ("database is locked", f"{NOT_ABLE}somebody else has it locked"),
        ("something of reader that nobody foresaw", f"{NOT_ABLE}the log says more"),
    ],
)
def test_only_the_kind_of_a_fault_is_told(said: str, kind: str) -> None:
    found = plainly(f"source database: {said}")

    assert found == kind
    assert not any(secret in found for secret in SECRETS)


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ('column "closed_at" does not exist', "a column is missing"),
        ("column t.timeout_seconds does not exist", "a column is missing"),
        ("no such column: closed_at", "a column is missing"),
        ("Unknown column 'closed_at' in 'field list'", "a column is missing"),
        ('relation "refused_orders" does not exist', "a table is missing"),
        ("Table 'shop.closed' doesn't exist", "a table is missing"),
        ("permission denied for table terminations", "permission denied"),
        ("function resolved(integer) does not exist", "it lacks what it was asked for"),
        ('role "closed" does not exist', "it, or its role, does not exist"),
        ("canceling statement due to lock timeout", "somebody else has it locked"),
        ('root certificate file "/srv/root.crt" does not exist', "the log says more"),
    ],
)
def test_what_a_table_or_column_is_called_is_no_sign_of_an_outage(said: str, kind: str) -> None:
    assert plainly(f"source database: {said}") == f"{NOT_ABLE}{kind}"


def test_a_name_in_quotes_is_no_sign_and_a_sentence_in_quotes_is_one() -> None:
    named = 'connection to server at "readonly.lan" (10.1.2.3), port 5432 failed: refused'
    lost = "(2013, 'Lost connection to MySQL server during query')"

    assert plainly(f"source database: {named}") == f"{AWAY}connection refused"
    assert plainly(f"source database: {lost}") == f"{AWAY}the connection was cut"


def test_a_long_text_is_read_at_once() -> None:
    began = time.monotonic()
    told = plainly(f"source database: {'table ' * 20_000}")

    assert (told, time.monotonic() - began < 2) == (f"{NOT_ABLE}the log says more", True)


def test_what_is_in_our_own_words_stays() -> None:
    ours = "Its history cannot be filled until its expr or filter is mended; every other KPI is"
    said = "source database: metrics.largest: division by zero (SQLSTATE 22012; not shown)"
    told = "the source database cannot compute metrics.largest: division by zero"

    assert plainly(f"{said}. {ours}") == f"{told}. {ours}"
    for more in (", told only now", ", reminder 3"):
        assert plainly(f"{REFUSED}{more}") == f"{AWAY}connection refused{more}"
    assert plainly("the source is another cluster, or was restored") == (
        "the source is another cluster, or was restored"
    )


def test_no_body_says_where_a_source_is() -> None:
    scene = BY_NAME["failing"]
    open_ = Episode(rule="pipeline_failure", dims=(), definition="", phase=Phase.FIRING)
    live = live_of(scene, NOW, 4711, (open_,), ())
    change = Transition(
        rule="pipeline_failure",
        dims=(),
        number=1,
        before=Phase.PENDING,
        after=Phase.FIRING,
        level=Level.CRITICAL,
        value=None,
        at=NOW,
        reason=REFUSED,
    )
    event = Event(at=NOW, kind=EventKind.ALERT, text=f"pipeline_failure: firing, {REFUSED}")
    bodies = (
        status_body(scene.spec, Sight(live)),
        alerts_body(scene.spec, live, AlertLog(count=1, transitions=(change,), runs={})),
        ticks_body(scene.spec, [Tick(kind=TickKind.FAILURE, at=NOW, reason=REFUSED)]),
        timeline_body(scene.spec, [event]),
    )

    told = [json.dumps(body) for body in bodies]
    assert bodies[1]["open"][0]["reason"] == f"{AWAY}connection refused"
    assert all(f"{AWAY}connection refused" in text for text in told)
    assert not any("10.1.2.3" in text for text in told)
