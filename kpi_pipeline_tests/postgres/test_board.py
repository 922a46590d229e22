"""The board: the KPIs as of the last good look, on a real state database."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import create_engine, text

from kpi_pipeline.assembly import open_board
from kpi_pipeline.dashboard.alerts import alerts_body
from kpi_pipeline.model.errors import SourceError, StateError
from kpi_pipeline.model.live import Live, TickKind
from kpi_pipeline.model.pulse import RULE
from kpi_pipeline.model.snapshot import Snapshot
from kpi_pipeline.pipeline.board import LiveBoard
from kpi_pipeline.pipeline.failures import note_failure, note_success
from kpi_pipeline_tests.sales import Sales

HOUR = timedelta(hours=1)


@pytest.fixture
def board(sales: Sales) -> Iterator[LiveBoard]:
    opened = open_board(sales.spec, sales.settings)
    yield opened
    opened.close()


def look(sales: Sales, later: timedelta = timedelta(0)) -> None:
    """An idle tick, of a source whose clock shows a later time."""
    found = sales.peek()
    tick = replace(found.tick, as_of=found.as_of + later)
    if not found.due:
        note_success(sales.parts.pulse, sales.spec, tick)


def shown(live: Live) -> Snapshot:
    assert live.snapshot is not None
    return live.snapshot


def value(live: Live, metric: str, window: str) -> Decimal | None:
    (reading,) = shown(live).find(metric, window)
    return reading.value


def test_before_the_first_fold_there_is_no_snapshot_and_no_error(board: LiveBoard) -> None:
    live = board.live()

    assert live.snapshot is None
    assert (live.verdicts, live.episodes, live.audit) == ((), (), None)
    assert board.series("total_revenue", "hour", live.now - HOUR, live.now).points == ()
    assert list(board.ticks(9)) == []


def test_a_kpi_whose_state_is_damaged_says_nothing_and_the_others_what_they_say(
    sales: Sales, board: LiveBoard, caplog: pytest.LogCaptureFixture
) -> None:
    sales.sell(700)
    sales.advance()
    engine = create_engine(sales.state_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE kpi.partial SET sketch = 'x' WHERE sketch IS NOT NULL"))
    engine.dispose()
    live = board.live()

    assert [value(live, "unique_users", name) for name in sales.spec.windows] == [None] * 3
    assert value(live, "total_revenue", "today") == value(live, "largest", "last_60m") == 700
    assert [r.value for r in shown(live).find("revenue_by_type", "today")] == [700]
    assert {name for name in sales.spec.metrics if f"{name} of sales cannot" in caplog.text} == {
        "unique_users"
    }


def test_numbers_are_those_of_the_last_commit(sales: Sales, board: LiveBoard) -> None:
    now = datetime.now(UTC)
    for age in (0, 3, 90, 60 * 24 * 7 + 5, 60 * 24 * 40):
        sales.sell(700, at=now - timedelta(minutes=age), kind=f"K{age % 2}")
    outcome = sales.advance()
    note_success(sales.parts.pulse, sales.spec, outcome.tick)

    live = board.live()

    assert outcome.published is not None
    published = outcome.published.snapshot
    assert shown(live) == published
    assert live.verdicts == outcome.published.verdicts
    assert [item.rule for item in live.episodes] == ["milestone"]
    (tick,) = board.ticks(9)
    assert (tick.kind, tick.rows, tick.as_of) == (TickKind.RUN, 5, published.as_of)
    assert tick.reason.startswith("5 rows read in ")
    assert tick.at is not None


def test_in_a_quiet_shop_windows_move_on_by_looks_alone(sales: Sales, board: LiveBoard) -> None:
    sales.sell(25)
    sales.advance()
    before = board.live()
    look(sales, timedelta(minutes=61))

    after = board.live()

    assert value(before, "total_revenue", "last_60m") == 25
    assert value(after, "total_revenue", "last_60m") == 0
    assert value(after, "total_revenue", "lifetime") == 25
    assert shown(after).revision == shown(before).revision
    assert shown(after).as_of > shown(before).as_of + HOUR
    assert shown(after).watermark == shown(before).watermark


def test_what_a_look_found_is_not_shown_before_it_is_folded(sales: Sales, board: LiveBoard) -> None:
    sales.sell(25)
    sales.advance()
    look(sales)
    before = shown(board.live())
    sales.sell(1000)
    look(sales, timedelta(minutes=61))
    note_failure(sales.parts.pulse, sales.spec, SourceError("a run failed"))

    after = shown(board.live())
    outcome = sales.advance()

    assert after.as_of == before.as_of
    assert after.readings == before.readings
    assert outcome.published is not None
    assert shown(board.live()).as_of == outcome.published.snapshot.as_of > before.as_of


def test_a_metric_that_no_fold_has_seen_is_being_built_and_never_zero(sales: Sales) -> None:
    sales.sell(25)
    sales.advance()
    more = sales.declaration.replace(
        "  windows:", "    smallest: {agg: min, expr: amount}\n  windows:"
    )
    newer = replace(sales, declaration=more)
    board = open_board(newer.spec, newer.settings)

    live = board.live()
    points = board.series("smallest", "hour", live.now - HOUR, live.now).points
    board.close()

    (reading,) = shown(live).find("smallest", "today")
    assert reading.building
    assert shown(live).filled["smallest"] == 0
    assert {point.value for point in points} == {None}
    assert value(live, "total_revenue", "today") == 25


def test_what_people_did_is_there(sales: Sales, board: LiveBoard) -> None:
    sales.sell(2000)
    sales.advance()
    (episode,) = board.desk().episodes()
    board.desk().acknowledge(episode, "mine")
    audit = sales.audit()

    live = board.live()

    assert [item.acknowledged is not None for item in live.episodes] == [True]
    assert live.audit == audit
    assert live.mutes == ()


def test_failures_are_ticks_that_say_why(sales: Sales, board: LiveBoard) -> None:
    note_failure(sales.parts.pulse, sales.spec, SourceError("the source is away"))
    note_failure(sales.parts.pulse, sales.spec, ZeroDivisionError("hush"))

    ticks = board.ticks(1)

    assert [(tick.kind, tick.as_of) for tick in ticks] == [(TickKind.FAILURE, None)]
    assert "hush" not in ticks[0].reason
    assert board.ticks(9)[-1].reason == "the source is away"
    live = board.live()
    assert live.life.failing is not None
    body = alerts_body(sales.spec, live, board.alert_log(live.now - HOUR, 9))
    assert [(item["rule"], item["phase"]) for item in body["open"]] == [(RULE, "pending")]
    assert body["open"][0]["reason"] == ticks[0].reason


def test_ticks_of_yesterday_are_dropped_now_and_then(sales: Sales, board: LiveBoard) -> None:
    sales.advance()
    look(sales)
    with sales.parts.store.engine.begin() as connection:  # type: ignore[attr-defined]
        connection.execute(text("UPDATE kpi.tick SET at = at - INTERVAL '25 hours'"))
    quiet = sales.peek().tick
    for _ in range(64):
        note_success(sales.parts.pulse, sales.spec, quiet)

    assert 0 < len(board.ticks(100)) <= 64


def test_a_state_database_that_is_away_is_an_error_of_use_and_not_of_opening(sales: Sales) -> None:
    away = replace(sales, state_url="postgresql://nobody:hushed@127.0.0.1:1/nowhere")
    board = open_board(away.spec, away.settings)

    for use in (board.live, lambda: board.ticks(1), board.desk):
        with pytest.raises(StateError) as caught:
            use()
        assert "hushed" not in str(caught.value)
    board.close()


def test_who_was_told_of_an_episode_is_not_said_of_the_next_one_while_that_waits(
    sales: Sales, board: LiveBoard
) -> None:
    sales.sell(5000)
    sales.advance()
    since = datetime.now(UTC) - HOUR
    fired = board.alert_log(since, 9)
    engine = sales.parts.store.engine  # type: ignore[attr-defined]  # it ended, and is broken again
    with engine.begin() as connection:
        again = "UPDATE kpi.episode SET phase = 'pending', told = '{}' WHERE phase = 'firing'"
        connection.execute(text(again))

    assert set(fired.messages) == {("milestone", ())}
    assert board.alert_log(since, 9).messages == {}
    assert [episode.number for episode in board.live().episodes] == [1]
