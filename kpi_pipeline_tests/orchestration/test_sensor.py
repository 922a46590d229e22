"""The sensor: what it reads in its cursor, when it asks for a run, what it writes back."""

from datetime import timedelta

import dagster as dg
import pytest

from kpi_pipeline.model.errors import KpiError
from kpi_pipeline.model.outbox import Delivery, OutboxState
from kpi_pipeline_tests.orchestration.conftest import Deployment
from kpi_pipeline_tests.truth import assert_state_equals_source

LONG_AGO = timedelta(hours=1)
START = "2000-01-01T00:00:00+00:00"


def reason(result: dg.SensorResult) -> str:
    assert result.skip_reason is not None
    return str(result.skip_reason.skip_message)


def settle(deployment: Deployment) -> str:
    """First start, first run; the cursor of the tick after it."""
    first = deployment.tick(None)
    deployment.materialize()
    cursor = deployment.tick(first.cursor).cursor
    assert cursor is not None
    return cursor


def test_the_first_tick_asks_for_a_run_and_writes_the_declared_start(
    deployment: Deployment,
) -> None:
    deployment.sales.sell(1)

    result = deployment.tick(None)

    assert len(result.run_requests or ()) == 1
    assert result.run_requests is not None
    assert result.run_requests[0].run_key is None
    assert result.cursor == START


def test_the_tick_after_the_first_run_is_no_rewind(deployment: Deployment) -> None:
    deployment.sales.sell(1)
    first = deployment.tick(None)
    deployment.materialize()

    second = deployment.tick(first.cursor)

    assert "no changed rows" in reason(second)
    assert second.cursor is not None
    assert second.cursor > START
    assert deployment.sales.state_rows("SELECT * FROM kpi.rewind") == []


def test_an_idle_tick_says_lag_and_guarantee_and_launches_nothing(deployment: Deployment) -> None:
    deployment.sales.sell(1)
    cursor = settle(deployment)

    result = deployment.tick(cursor)

    assert not result.run_requests
    assert "newest row" in reason(result)
    assert "guarantee exact" in reason(result)


@pytest.mark.parametrize("emptied", [None, "", "  "], ids=["none", "empty", "blank"])
def test_an_emptied_cursor_folds_everything_again_and_counts_nothing_twice(
    deployment: Deployment, emptied: str | None
) -> None:
    sales = deployment.sales
    sales.sell(700)
    sales.sell(800, user=2)
    cursor = settle(deployment)
    sales.run("UPDATE transactions SET amount = 900 WHERE amount = 800")

    result = deployment.tick(emptied)

    assert result.run_requests is not None
    assert "rewound to the beginning" in result.run_requests[0].tags["kpi/reason"]
    assert result.cursor == cursor
    deployment.materialize()
    assert_state_equals_source(sales)
    assert sales.value("total_revenue") == 1600
    assert sales.state_rows("SELECT count(*) FROM kpi.outbox") == [(1,)]
    assert "no changed rows" in reason(deployment.tick(result.cursor))


def test_a_cursor_set_back_folds_again_from_there(deployment: Deployment) -> None:
    deployment.sales.sell(1)
    settle(deployment)

    result = deployment.tick("2020-05-01T12:00:00")

    assert result.run_requests is not None
    assert "rewound to 2020-05-01T16:00:00+00:00" in result.run_requests[0].tags["kpi/reason"]
    ((since,),) = deployment.sales.state_rows("SELECT since FROM kpi.rewind")
    assert str(since).startswith("2020-05-01")


@pytest.mark.parametrize("garbage", ["yesterday", "{}", "12:00", "9999999", "\x00", "2026-13-01"])
def test_garbage_in_the_cursor_is_a_clear_message_and_changes_nothing(
    deployment: Deployment, garbage: str
) -> None:
    deployment.sales.sell(1)
    cursor = settle(deployment)
    deployment.sales.sell(2)

    result = deployment.tick(garbage)

    assert "is not a timestamp; write it like 2026-11-24T07:00:00+00:00" in reason(result)
    assert result.cursor == cursor
    assert deployment.tick(result.cursor).run_requests
    assert deployment.sales.state_rows("SELECT * FROM kpi.rewind") == []


def test_a_cursor_from_the_future_is_put_right(deployment: Deployment) -> None:
    deployment.sales.sell(1)
    cursor = settle(deployment)

    assert deployment.tick("2999-01-01T00:00:00+00:00").cursor == cursor


def test_a_tick_while_another_process_folds_asks_for_no_run(deployment: Deployment) -> None:
    deployment.sales.sell(1)
    settle(deployment)
    deployment.sales.sell(2)

    with deployment.sales.parts.store.exclusive() as alone:
        assert alone
        result = deployment.tick(None)

    assert "a run is folding right now" in reason(result)


def test_a_run_that_is_queued_is_waited_for_and_a_dead_one_is_not(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    deployment.sales.sell(1)
    cursor = settle(deployment)
    deployment.sales.sell(2)
    job = deployment.definitions.resolve_job_def("sales_job")
    run = deployment.instance.create_run_for_job(job, status=dg.DagsterRunStatus.STARTED)
    assert "is under way" in reason(deployment.tick(cursor))

    monkeypatch.setattr("kpi_pipeline.orchestration.in_flight.GRACE", -LONG_AGO)

    assert len(deployment.tick(cursor).run_requests or ()) == 1
    found = deployment.instance.get_run_by_id(run.run_id)
    assert found is not None
    assert found.status == dg.DagsterRunStatus.FAILURE


def test_a_source_that_does_not_fit_fails_the_tick_with_a_clear_message(
    deployment: Deployment,
) -> None:
    deployment.sales.sell(1)
    cursor = settle(deployment)
    deployment.sales.run("ALTER TABLE transactions RENAME amount TO price")

    with pytest.raises(KpiError, match="has no column 'amount'"):
        deployment.tick(cursor)

    deployment.sales.run("ALTER TABLE transactions RENAME price TO amount")
    assert not deployment.tick(cursor).run_requests


def test_a_message_that_waits_goes_out_though_the_source_is_away(deployment: Deployment) -> None:
    sales = deployment.sales
    sales.sell(5000)
    sales.advance()
    cursor = deployment.tick("2999-01-01").cursor
    sales.run("ALTER TABLE transactions RENAME TO gone")

    result = deployment.tick(cursor)

    assert result.run_requests is not None
    assert "messages to send" in result.run_requests[0].tags["kpi/reason"]
    assert not deployment.materialize().success
    assert sales.state_rows("SELECT state FROM kpi.outbox") == [("sent",)]


def test_a_message_that_waits_for_its_time_is_told_on_the_tick(deployment: Deployment) -> None:
    sales = deployment.sales
    sales.sell(5000)
    sales.advance()
    cursor = deployment.tick("2999-01-01").cursor
    queued = sales.parts.outbox.claim(timedelta(minutes=1))
    assert queued is not None
    failed = Delivery(state=OutboxState.PENDING, error="Slack is away", wait=timedelta(minutes=9))
    sales.parts.outbox.settle(queued, failed)

    assert "the next message in 8m" in reason(deployment.tick(cursor))


def test_a_rewind_is_queued_once_though_the_source_fails_after_it(deployment: Deployment) -> None:
    deployment.sales.sell(1)
    settle(deployment)
    deployment.sales.run("ALTER TABLE transactions RENAME amount TO price")

    result = deployment.tick("")

    assert "rewound to the beginning" in reason(result)
    assert "has no column 'amount'" in reason(result)
    assert deployment.sales.state_rows("SELECT count(*) FROM kpi.rewind") == [(1,)]
    assert result.cursor
