"""A streaming replica as the source: bounded, careful, and folded again after a failover."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from kpi_pipeline.model.errors import SourceError
from kpi_pipeline.source.postgres.connection import reading
from kpi_pipeline_tests.postgres.conftest import NEWEST, Shop
from kpi_pipeline_tests.postgres.scratch import Scratch, scratch_room
from kpi_pipeline_tests.sales import Sales
from kpi_pipeline_tests.truth import assert_state_equals_source


@dataclass
class Pair:
    """A shop on a primary, and the pipeline that reads its replica."""

    primary: Scratch
    standby: Scratch
    shop: Sales
    reader: Sales

    def replay(self) -> None:
        """Wait until the replica has what the primary has."""
        end = self.primary.run("SELECT pg_current_wal_insert_lsn()::text")
        deadline = time.monotonic() + 20
        while not self.standby.run(f"SELECT pg_last_wal_replay_lsn() >= '{end}'"):
            assert time.monotonic() < deadline
            time.sleep(0.02)


@pytest.fixture
def pair(scratch: Scratch, shop_on: Shop) -> Iterator[Pair]:
    with scratch_room(NEWEST) as standby:
        words = ("-h", str(scratch.room), "-U", "postgres", "-D", str(standby.data))
        scratch.tool("pg_basebackup", *words, "-R", "-X", "stream", "-c", "fast", "--no-sync")
        standby.settings = {"max_standby_streaming_delay": "0", "hot_standby_feedback": "off"}
        standby.start()
        shop = shop_on(scratch)
        name = make_url(shop.source_url).database
        reader = replace(shop, source_url=standby.cluster.url(str(name)))
        pair = Pair(scratch, standby, shop, reader)
        pair.replay()
        yield pair
        reader.close()


def test_late_rows_and_recent_updates_are_found_through_a_replica_that_is_bounded(
    pair: Pair,
) -> None:
    pair.shop.sell(1)
    pair.replay()
    outcome = pair.reader.advance()
    with pair.shop.shop.connect() as slow:
        pair.shop.sell(2, at=datetime.now(UTC) - timedelta(minutes=10), on=slow)
        with slow.begin_nested():
            pair.shop.sell(4, on=slow)
        pair.shop.sell(8)
        pair.replay()
        pair.reader.advance()
        assert pair.reader.value("total_revenue") == 9
        slow.commit()
    pair.shop.run("UPDATE transactions SET amount = 16 WHERE amount = 8")
    pair.replay()
    pair.reader.advance()

    assert outcome.published is not None
    assert outcome.published.snapshot.guarantee == "bounded(15m)"
    assert outcome.report is not None
    assert "on a standby, read the primary" in outcome.report.warnings[0]
    assert pair.reader.value("total_revenue") == 23
    assert_state_equals_source(pair.reader)


def test_a_read_that_replay_cancels_is_a_clear_error_and_the_next_one_works(pair: Pair) -> None:
    pair.shop.sell(1)
    pair.shop.sell(2)
    pair.replay()
    pair.reader.advance()

    with pytest.raises(SourceError, match="conflict with recovery"):
        _read_while_rows_are_vacuumed_away(pair)

    pair.shop.sell(4)
    pair.replay()
    pair.reader.advance()
    assert_state_equals_source(pair.reader)


def test_after_a_failover_everything_is_folded_again(pair: Pair) -> None:
    pair.shop.sell(1)
    pair.replay()
    pair.reader.advance()
    pair.primary.stop()
    pair.standby.run("SELECT pg_promote()")
    pair.standby.run("CHECKPOINT")
    pair.reader.sell(2)

    found = pair.reader.parts.source.detect(pair.reader.parts.store.load().position)
    outcome = pair.reader.advance()

    assert found.everything == "the source is another cluster, or was restored"
    assert outcome.published is not None
    assert outcome.published.snapshot.guarantee == "exact"
    assert_state_equals_source(pair.reader)


def _read_while_rows_are_vacuumed_away(pair: Pair) -> None:
    engine = pair.reader.parts.source.engine  # type: ignore[attr-defined]
    with reading(engine, one_snapshot=True) as connection:
        connection.execute(text("SELECT count(*) FROM transactions"))
        pair.shop.run("DELETE FROM transactions WHERE amount = 1")
        with pair.shop.shop.connect().execution_options(isolation_level="AUTOCOMMIT") as owner:
            owner.execute(text("VACUUM transactions"))
        pair.replay()
        connection.execute(text("SELECT count(*) FROM transactions"))
