"""`kpi-pipeline doctor --max-age`: one line and an exit code, for cron elsewhere."""

from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from kpi_pipeline_tests.command import Command
from kpi_pipeline_tests.sales import Sales


@pytest.fixture
def command(sales: Sales, tmp_path: Path) -> Command:
    return Command(sales, tmp_path)


def later(sales: Sales) -> None:
    engine = create_engine(sales.state_url)
    with engine.begin() as connection:
        for table, column in (("snapshot", "computed_at"), ("pulse", "looked_at")):
            connection.execute(text(f"UPDATE kpi.{table} SET {column} = {column} - interval '7m'"))  # noqa: S608
    engine.dispose()


def test_a_pipeline_is_alive_until_its_last_sign_is_too_old(sales: Sales, command: Command) -> None:
    sales.sell(1)
    command.run("advance")
    code, output = command.run("doctor", "--max-age", "5m")
    assert (code, output.count("\n")) == (0, 1)
    assert output.startswith("sales: looked at ")
    later(sales)

    code, output = command.run("doctor", "--max-age", "5m")

    assert (code, output.count("\n")) == (1, 1)
    assert "ago, more than 5m" in output
    assert command.run("doctor", "--max-age", "10m")[0] == 0


def test_why_it_is_dead_is_told_if_somebody_knows(sales: Sales, command: Command) -> None:
    sales.sell(1)
    command.run("advance")
    later(sales)
    sales.run("ALTER TABLE transactions RENAME TO gone")
    command.run("advance")

    code, output = command.run("doctor", "--max-age", "5m")

    assert code == 1
    assert "; failing for" in output
    assert "no table 'public.transactions'" in output


def test_a_pipeline_that_never_lived_is_dead(command: Command) -> None:
    code, output = command.run("doctor", "--max-age", "5m")

    assert (code, output) == (1, "sales: nothing was ever published\n")


def test_a_state_database_that_is_away_is_the_reason(command: Command) -> None:
    command.environment["KPI_STATE_URL"] = "postgresql://nobody:hush@127.0.0.1:1/none"

    code, output = command.run("doctor", "--max-age", "5m")

    assert code == 1
    assert output.startswith("sales: state database:")
    assert "hush" not in output


def test_the_source_need_not_be_there_and_the_name_stands_alone(
    sales: Sales, command: Command
) -> None:
    sales.sell(1)
    command.run("advance")
    command.environment["KPI_SOURCE_URL"] = "postgresql://nobody@127.0.0.1:1/none"

    assert command.run_plain("doctor", "--max-age", "5m", str(command.file))[0] == 0
    assert command.run("doctor", "--max-age", "soon")[0] == 2
