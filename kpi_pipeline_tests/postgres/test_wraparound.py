"""Transaction ids wrap at 2^32, and their age changes its sign at 2^31."""

import shutil

import psycopg

from kpi_pipeline_tests.postgres.binaries import ACCOUNT
from kpi_pipeline_tests.postgres.conftest import Shop
from kpi_pipeline_tests.postgres.scratch import Scratch
from kpi_pipeline_tests.sales import Sales
from kpi_pipeline_tests.truth import assert_state_equals_source

SEGMENT_IDS = 2**20
SEGMENT_BYTES = 2**18
STRIDE = 10**9
BEFORE = 400
BURN = b"DO $$ BEGIN FOR i IN 1..100 LOOP PERFORM pg_current_xact_id(); COMMIT; END LOOP; END $$"


def test_polling_across_both_boundaries_loses_nothing_and_folds_nothing_again(
    scratch: Scratch, shop_on: Shop
) -> None:
    shop = shop_on(scratch)
    shop.sell(1)
    _wind(scratch, shop, 2**31 - BEFORE)
    shop.advance()
    _poll_across(scratch, shop, 2**31)
    _wind(scratch, shop, 2**32 - BEFORE)

    late = shop.parts.source.detect(shop.parts.store.load().position)
    shop.advance()
    _poll_across(scratch, shop, 2**32)

    assert late.everything == "the last look is too many transactions ago to compare"
    assert_state_equals_source(shop)
    swept = shop.parts.source.detect(shop.parts.store.load().position, sweep=True)
    again = shop.parts.source.detect(swept.position, sweep=True)
    assert (again.changed, again.everything) == ((), None)


def _poll_across(scratch: Scratch, shop: Sales, boundary: int) -> None:
    for _ in range(8):
        shop.sell(2)
        outcome = shop.advance()
        assert outcome.rows > 0
        assert shop.value("transaction_count") == shop.one("SELECT count(*) FROM transactions")
        position = shop.parts.store.load().position
        assert shop.parts.source.detect(position).changed == ()
        assert shop.parts.source.detect(position).everything is None
        scratch.run(BURN.decode())
    assert int(str(scratch.run("SELECT pg_current_xact_id()::text"))) > boundary


def _wind(scratch: Scratch, shop: Sales, to: int) -> None:
    """Set the next transaction id, in strides that leave no row older than half the circle."""
    while True:
        _freeze(scratch)
        next_id = int(str(scratch.run("SELECT pg_current_xact_id()::text")))
        step = min(next_id + STRIDE, to)
        shop.close()
        scratch.stop()
        segment = scratch.data / "pg_xact" / f"{step // SEGMENT_IDS:04X}"
        if not segment.exists():
            segment.write_bytes(bytes(SEGMENT_BYTES))
            if scratch.account is not None:
                shutil.chown(segment, ACCOUNT)
        scratch.tool("pg_resetwal", "-x", str(step), "-D", str(scratch.data))
        scratch.start()
        if step == to:
            return


def _freeze(scratch: Scratch) -> None:
    scratch.run("ALTER DATABASE template0 ALLOW_CONNECTIONS true")
    with psycopg.connect(scratch.cluster.dsn("postgres"), autocommit=True) as connection:
        names = connection.execute("SELECT datname FROM pg_database").fetchall()
    for (name,) in names:
        with psycopg.connect(scratch.cluster.dsn(name), autocommit=True) as connection:
            connection.execute("VACUUM FREEZE")
