"""A source that crashes: ids are given twice, commits vanish, unlogged tables are empty."""

from datetime import UTC, datetime, timedelta
from typing import NoReturn

import pytest
from sqlalchemy import Connection, text

from kpi_pipeline.model.errors import SourceTimeoutError
from kpi_pipeline_tests.postgres.conftest import Shop
from kpi_pipeline_tests.postgres.scratch import Scratch
from kpi_pipeline_tests.sales import Sales
from kpi_pipeline_tests.truth import assert_state_equals_source

OLD = timedelta(days=40)


@pytest.fixture
def crashing(scratch: Scratch, shop_on: Shop) -> Sales:
    """A shop on a server that flushes only when a commit waits for it; one old row is folded."""
    scratch.hold_flushing()
    sales = shop_on(scratch)
    sales.sell(1, at=datetime.now(UTC) - OLD)
    sales.run("ALTER TABLE transactions ALTER transaction_id RESTART 5000")
    sales.sell(2)
    sales.advance()
    return sales


def test_rows_of_ids_that_a_crash_gave_a_second_time_are_found(
    scratch: Scratch, crashing: Sales
) -> None:
    _burn(crashing, 300)
    crashing.advance()
    before = _next_id(crashing)
    _crash(scratch, crashing)
    assert _next_id(crashing) < before - 200

    crashing.sell(4, at=datetime.now(UTC) - OLD)
    crashing.run("UPDATE transactions SET amount = 8 WHERE amount = 1")
    _burn(crashing, 600)
    crashing.advance()

    assert crashing.value("total_revenue") == 14
    assert_state_equals_source(crashing)
    assert not crashing.peek().due


def test_a_server_that_a_crash_put_behind_the_horizon_is_not_folded_again(
    scratch: Scratch, crashing: Sales
) -> None:
    _burn(crashing, 300)
    crashing.advance()
    _crash(scratch, crashing)
    crashing.sell(4)

    look = crashing.parts.source.detect(crashing.parts.store.load().position)
    reason = crashing.peek().reason
    crashing.advance()

    assert look.everything is None
    assert "to fold (restarted source)" in reason
    assert not crashing.parts.source.detect(crashing.parts.store.load().position).restarted
    assert_state_equals_source(crashing)


def test_a_commit_that_did_not_wait_for_the_disk_and_vanished_is_taken_back(
    scratch: Scratch, crashing: Sales
) -> None:
    for minutes in (0, 10):
        with crashing.shop.begin() as connection:
            connection.execute(text("SET LOCAL synchronous_commit = off"))
            at = datetime.now(UTC) - timedelta(minutes=minutes)
            crashing.sell(16, at=at, on=connection)
    crashing.advance(seconds=0)
    assert crashing.value("total_revenue") == 35
    _crash(scratch, crashing)
    assert crashing.one("SELECT sum(amount) FROM transactions") == 3

    crashing.advance()

    assert crashing.value("total_revenue") == 3
    assert_state_equals_source(crashing)


def test_a_sweep_after_a_crash_finds_updates_by_ids_from_before_the_last_one(
    scratch: Scratch, crashing: Sales
) -> None:
    _burn(crashing, 300)
    swept = crashing.parts.source.detect(crashing.parts.store.load().position, sweep=True)
    _crash(scratch, crashing)
    look = crashing.parts.source.detect(swept.position)

    crashing.run("UPDATE transactions SET amount = 8 WHERE amount = 1")
    _burn(crashing, 600)

    again = crashing.parts.source.detect(look.position, sweep=True)
    minute = (datetime.now(UTC) - OLD - timedelta(hours=1), datetime.now(UTC) - OLD)
    assert any(item.overlaps(*minute) for item in again.changed)


def test_an_unlogged_table_is_folded_again_after_a_crash(scratch: Scratch, crashing: Sales) -> None:
    crashing.run("ALTER TABLE transactions SET UNLOGGED")
    crashing.advance()
    assert crashing.value("total_revenue") == 3
    _crash(scratch, crashing)

    look = crashing.parts.source.detect(crashing.parts.store.load().position)
    crashing.advance()

    assert look.everything == "the server was restarted, and a crash empties an unlogged table"
    assert crashing.value("transaction_count") == 0


def test_after_a_clean_restart_looks_soon_cost_as_little_as_ever(
    scratch: Scratch, crashing: Sales
) -> None:
    crashing.shop.dispose()
    scratch.stop()
    scratch.start()
    crashing.sell(4)
    first = crashing.peek()
    crashing.advance()

    assert first.due
    assert not crashing.peek().due
    assert crashing.value("total_revenue") == 7
    assert_state_equals_source(crashing)


def test_a_look_through_a_table_too_large_for_one_statement_is_replaced_by_folding_it(
    scratch: Scratch, crashing: Sales, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut_off(connection: Connection, *_: object) -> NoReturn:
        connection.execute(text("SET statement_timeout = 10"))
        connection.execute(text("SELECT pg_sleep(10)"))
        raise AssertionError

    _crash(scratch, crashing)
    monkeypatch.setattr("kpi_pipeline.source.postgres.horizon.find", cut_off)
    position = crashing.parts.store.load().position

    look = crashing.parts.source.detect(position)
    crashing.parts.source.close()
    with pytest.raises(SourceTimeoutError):
        crashing.parts.source.detect(look.position)

    assert look.everything is not None
    assert "took too long" in look.everything


def _burn(sales: Sales, many: int) -> None:
    """Hand out ids; the last ones are not flushed."""
    with sales.shop.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(
            f"DO $$ BEGIN FOR i IN 1..{many:d} LOOP "
            "PERFORM pg_current_xact_id(); COMMIT; END LOOP; END $$"
        )


def _next_id(sales: Sales) -> int:
    return int(str(sales.one("SELECT pg_snapshot_xmax(pg_current_snapshot())::text")))


def _crash(scratch: Scratch, sales: Sales) -> None:
    sales.shop.dispose()
    scratch.kill()
    scratch.start()
