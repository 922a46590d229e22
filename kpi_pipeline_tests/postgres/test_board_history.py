"""The board's timeline and log: what alerts, people, late rows and audits did."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from kpi_pipeline.assembly import open_board
from kpi_pipeline.embedded.cluster import Cluster
from kpi_pipeline.model.live import Event, EventKind
from kpi_pipeline.model.notice import RUN_LINK, Level
from kpi_pipeline.pipeline.board import LiveBoard
from kpi_pipeline_tests.conftest import fresh_database, fresh_state
from kpi_pipeline_tests.sales import Sales

RUN = "https://dagster.example.com/runs/1"


@pytest.fixture(scope="module")
def shop(postgres: Cluster) -> Iterator[Sales]:
    """A shop to which everything has happened once."""
    with fresh_database(postgres) as source, fresh_state(postgres) as state:
        shop = Sales(source, state).open()
        now = datetime.now(UTC)
        shop.sell(900, at=now - timedelta(hours=2))
        shop.sell(5)
        shop.advance()
        shop.parts.store.links = (("Dashboard", "https://dagster.example.com"), (RUN_LINK, RUN))
        for minutes in (90, 91, 92):
            shop.sell(100 + minutes, at=now - timedelta(minutes=minutes))
        shop.advance()
        (episode,) = shop.parts.store.desk().episodes()
        shop.parts.store.desk().acknowledge(episode, "mine")
        shop.audit()
        shop.run("DELETE FROM transactions WHERE amount = 190")
        shop.audit(repair=True)
        shop.rewind(now - timedelta(hours=3))
        shop.advance()
        yield shop
        shop.close()


@pytest.fixture(scope="module")
def board(shop: Sales) -> Iterator[LiveBoard]:
    opened = open_board(shop.spec, shop.settings)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def events(board: LiveBoard) -> list[Event]:
    return list(board.timeline(datetime.now(UTC) - timedelta(hours=1), 50))


def texts(events: list[Event], kind: EventKind) -> list[str]:
    return [event.text for event in events if event.kind is kind]


def test_changes_of_alerts_say_from_what_to_what_and_why(events: list[Event]) -> None:
    taken, fired = texts(events, EventKind.ALERT)

    assert fired.startswith("milestone: ok to firing, 1,478.00")
    assert taken == "milestone: firing, mine"
    assert {e.level for e in events if e.kind is EventKind.ALERT} == {Level.WARN}


def test_corrections_of_a_look_are_one_event_with_the_largest_change(events: list[Event]) -> None:
    deleted, late = texts(events, EventKind.CORRECTION)

    assert late == "late rows: 3 buckets changed, total_revenue +192 in the largest"
    assert deleted == "delete: 1 bucket changed, total_revenue -190"


def test_a_rewind_says_what_is_folded_again_and_why(events: list[Event]) -> None:
    (text,) = texts(events, EventKind.REWIND)

    assert text.startswith("folded again from 20")
    assert text.endswith(": test")


def test_audits_are_told_if_they_found_something_or_proved_all_of_history(
    shop: Sales, board: LiveBoard, events: list[Event]
) -> None:
    drifted, proven = texts(events, EventKind.AUDIT)
    shop.audit(since=datetime.now(UTC) - timedelta(hours=1))
    later = board.timeline(datetime.now(UTC) - timedelta(hours=1), 50)

    assert "values differ" in drifted
    assert "difference 0" in proven
    assert "all of history" in proven
    assert texts(list(later), EventKind.AUDIT) == [drifted, proven]


def test_the_newest_come_first_and_no_more_than_asked_for(
    board: LiveBoard, events: list[Event]
) -> None:
    few = board.timeline(datetime.now(UTC) - timedelta(hours=1), 3)

    assert [event.at for event in events] == sorted((e.at for e in events), reverse=True)
    assert list(few) == events[:3]
    assert list(board.timeline(datetime.now(UTC) + timedelta(hours=1), 9)) == []


def test_the_log_knows_the_run_that_opened_an_episode(board: LiveBoard) -> None:
    log = board.alert_log(datetime.now(UTC) - timedelta(hours=1), 1)

    assert (log.count, len(log.transitions)) == (2, 1)
    assert log.transitions[0].reason == "mine"
    assert log.runs == {("milestone", ()): RUN}
