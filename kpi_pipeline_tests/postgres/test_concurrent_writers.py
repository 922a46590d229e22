"""Twelve writers at once, polled throughout: nothing is lost, nothing is counted twice."""

import threading
import time

from kpi_pipeline_tests.postgres.writers import Writer
from kpi_pipeline_tests.sales import Sales
from kpi_pipeline_tests.truth import assert_state_equals_source

SEED = 20261124
SECONDS = 15


def test_polling_under_twelve_writers_ends_equal_to_the_source_without_a_sweep(
    sales: Sales,
) -> None:
    print(f"seed {SEED}")
    stop = threading.Event()
    writers = [Writer(sales, SEED + i, stop) for i in range(12)]
    for writer in writers:
        writer.start()

    polls = _poll_for(SECONDS, sales)
    stop.set()
    for writer in writers:
        writer.join()
    sales.advance()

    assert [writer.error for writer in writers if writer.error] == []
    assert polls > 20
    rows = sales.one("SELECT count(*) FROM transactions")
    print(f"{polls} polls, {rows} rows")
    assert_state_equals_source(sales)
    assert sales.value("transaction_count") == rows
    assert sales.value("total_revenue") == sales.one("SELECT sum(amount) FROM transactions")


def _poll_for(seconds: float, sales: Sales) -> int:
    polls = 0
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        sales.advance()
        polls += 1
    return polls
