"""`audit` and `ledger` as a person types them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kpi_pipeline_tests.command import Command
from kpi_pipeline_tests.sales import Sales
from kpi_pipeline_tests.truth import assert_state_equals_source


@pytest.fixture
def command(sales: Sales, tmp_path: Path) -> Command:
    return Command(sales, tmp_path)


@pytest.fixture
def drifted(sales: Sales, command: Command) -> Command:
    """A shop of three rows, one of which was deleted after it was folded."""
    for days in (0.01, 3, 60):
        sales.sell(10, at=datetime.now(UTC) - timedelta(days=days), user=int(days))
    command.run("advance")
    sales.run("DELETE FROM transactions WHERE user_id = 3")
    return command


def test_an_audit_finds_the_difference_and_repairs_it_when_told(
    sales: Sales, drifted: Command
) -> None:
    code, output = drifted.run("audit")

    assert code == 1
    assert "values differ" in output
    assert "total_revenue +10.00" in output
    assert "not mended" in output
    assert "kpi-pipeline audit --repair" in output
    code, output = drifted.run("audit", "--repair")
    assert code == 0
    assert "queued to be folded again" in output
    assert "difference 0" in output
    assert_state_equals_source(sales)
    code, output = drifted.run("status")
    assert "difference 0" in output


def test_an_audit_since_a_day_looks_no_further(drifted: Command) -> None:
    since = (datetime.now(UTC) - timedelta(days=1)).date().isoformat()

    code, output = drifted.run("audit", "--since", since)

    assert code == 0
    assert "difference 0" in output


def test_an_audit_since_garbage_is_a_usage_error(command: Command) -> None:
    code, output = command.run("audit", "--since", "yesterday")

    assert code == 2
    assert "is not a timestamp" in output


def test_an_audit_before_the_first_fold_says_what_to_do(command: Command) -> None:
    code, output = command.run("audit")

    assert code == 1
    assert "nothing was folded yet" in output


def test_the_ledger_shows_what_changed_and_how_late_rows_come(
    sales: Sales, command: Command
) -> None:
    sales.sell(1, at=datetime.now(UTC) - timedelta(hours=2))
    command.run("advance")
    code, output = command.run("ledger")
    assert code == 0
    assert "No shown number has changed" in output
    assert "none of 1 rows came late" in output

    sales.sell(2, at=datetime.now(UTC) - timedelta(hours=2))
    command.run("advance")
    code, output = command.run("ledger", "--since", "2026-01-01", "--most", "1")

    assert code == 0
    assert "late rows" in output
    assert "1 of 2 rows came late (50 %): half within 1h 59m" in output


def test_a_person_asks_for_all_of_history_whatever_the_schedule_left_undone(
    sales: Sales, drifted: Command
) -> None:
    sales.run("DELETE FROM transactions WHERE user_id = 0")
    left_undone = sales.audit(share=0.1)

    code, output = drifted.run("audit")

    assert not left_undone.complete
    assert code == 1
    assert "total_revenue +20.00" in output
    assert "(all of history)" in output
