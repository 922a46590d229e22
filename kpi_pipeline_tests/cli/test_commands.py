"""`kpi-pipeline` as a person types it: what it prints, and its exit code."""

from pathlib import Path

import click
import pytest

from kpi_pipeline.cli.common import spec_file
from kpi_pipeline_tests.command import Command
from kpi_pipeline_tests.sales import DECLARATION, Sales
from kpi_pipeline_tests.truth import assert_state_equals_source


@pytest.fixture
def command(sales: Sales, tmp_path: Path) -> Command:
    return Command(sales, tmp_path)


def test_advance_folds_and_shows_kpis_clocks_and_alerts(sales: Sales, command: Command) -> None:
    sales.sell("1234.50")
    sales.sell("0.25", kind="FUEL", user=2)

    code, output = command.run_apart("advance")

    assert code == 0
    assert "1,234.75 USD" in output
    assert "revenue_by_type: FUEL" in output
    assert "guarantee    exact" in output
    assert "folded 2 rows in 1 steps" in output
    assert "alert sent: WARN total_revenue 1,234.75 > 1,000" in output
    assert_state_equals_source(sales)


def test_status_shows_what_was_published_and_how_each_rule_stands(
    sales: Sales, command: Command
) -> None:
    sales.sell(5000)
    command.run("advance")

    code, output = command.run("status")

    assert code == 0
    assert "milestone" in output
    assert "breach" in output
    assert "firing warn" in output
    assert "data through" in output


def test_status_before_the_first_run_says_what_to_do(command: Command) -> None:
    code, output = command.run("status")

    assert code == 1
    assert "nothing was folded yet; run `kpi-pipeline advance`" in output


def test_rewind_queues_and_the_next_run_folds_again(sales: Sales, command: Command) -> None:
    sales.sell(1)
    command.run("advance")
    sales.run("UPDATE transactions SET amount = 7")

    code, output = command.run("rewind", "--to", "beginning")

    assert code == 0
    assert "Queued" in output
    command.run("advance")
    assert sales.value("total_revenue") == 7


def test_rewind_before_anything_was_folded_says_so(command: Command) -> None:
    code, output = command.run("rewind", "--to", "2026-01-01")

    assert code == 1
    assert "nothing was folded yet" in output


def test_rewind_to_garbage_is_a_usage_error(command: Command) -> None:
    code, output = command.run("rewind", "--to", "yesterday")

    assert code == 2
    assert "is not a timestamp" in output


def test_check_accepts_a_declaration_and_holds_it_against_the_table(
    sales: Sales, command: Command
) -> None:
    sales.run("DROP INDEX transactions_created_at_idx")

    code, output = command.run("check", "--connect")

    assert code == 0
    assert "7 metrics, 3 windows, 1 thresholds: ok" in output
    assert "CREATE INDEX CONCURRENTLY" in output


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (DECLARATION.replace("agg: max", "agg: maxx"), "defs.yaml:12: metrics.largest.agg"),
        (DECLARATION.replace("  windows:", "  windos:"), "windos: unknown key (did you mean"),
        ("just text", "needs the keys `type:` and `attributes:`"),
        ("a: [", "not YAML"),
    ],
    ids=["a wrong word", "a wrong key", "not a mapping", "not YAML"],
)
def test_check_names_file_and_line_of_a_fault(command: Command, wrong: str, message: str) -> None:
    command.file.write_text(wrong)

    code, output = command.run("check")

    assert code == 2
    assert message in output
    assert "Traceback" not in output


def test_a_file_that_does_not_exist_is_told(command: Command) -> None:
    command.file.unlink()

    code, output = command.run("advance")

    assert code == 2
    assert "no such file" in output


def test_a_database_that_is_down_is_one_line_without_the_password(command: Command) -> None:
    command.environment["KPI_SOURCE_URL"] = "postgresql://me:s3cr3t-pass@127.0.0.1:1/shop"

    code, output = command.run("advance")

    assert code == 1
    assert "source database:" in output
    assert "s3cr3t" not in output
    assert "Traceback" not in output


def test_every_setting_that_is_wrong_is_told_at_once(command: Command) -> None:
    command.environment |= {"KPI_PORT": "http", "KPI_RUN_SECONDS": "-1"}

    code, output = command.run("advance")

    assert code == 1
    assert "KPI_PORT must be a number" in output
    assert "KPI_RUN_SECONDS must be a number" in output


def test_demo_refuses_a_table_that_is_not_its_own(sales: Sales, command: Command) -> None:
    sales.sell(1)

    code, output = command.run_plain("demo", "--rate", "0")

    assert code == 1
    assert "made-up sales" in output
    assert sales.one("SELECT count(*) FROM transactions") == 1


def test_advance_beside_another_run_shows_what_that_one_published(
    sales: Sales, command: Command
) -> None:
    sales.sell(1)
    command.run("advance")
    sales.sell(2)

    with sales.parts.store.exclusive():
        code, output = command.run("advance")
        _, status = command.run("status")

    assert code == 0
    assert "Another process is folding right now" in output
    assert "a run is folding right now" in status


def test_rows_to_be_minded_are_told_by_advance(sales: Sales, command: Command) -> None:
    sales.run("ALTER TABLE transactions ALTER created_at DROP NOT NULL")
    sales.run("INSERT INTO transactions (created_at, amount) VALUES (NULL, 5)")
    sales.run("INSERT INTO transactions (created_at, amount) VALUES (now() + interval '1 day', 5)")

    _, output = command.run("advance")

    assert "1 rows have no event time" in output
    assert "future rows  1" in output


def test_a_rewind_to_after_the_last_row_has_nothing_to_do(sales: Sales, command: Command) -> None:
    sales.sell(1)
    command.run("advance")

    code, output = command.run("rewind", "--to", "2999-01-01")

    assert code == 0
    assert "nothing to do" in output


def test_with_two_pipelines_the_spec_must_be_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("one", "two"):
        (tmp_path / "defs" / name).mkdir(parents=True)
        (tmp_path / "defs" / name / "defs.yaml").write_text(DECLARATION)
    monkeypatch.setattr("kpi_pipeline.cli.common.DECLARED", tmp_path / "defs")

    with pytest.raises(click.UsageError, match="declared: one, two"):
        spec_file(None)

    assert spec_file(tmp_path / "defs" / "one").name == "defs.yaml"
