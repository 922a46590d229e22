"""`kpi-pipeline doctor`: both databases, the clocks, the settings, and whether somebody folds."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from kpi_pipeline.cli.clinic import examine
from kpi_pipeline.config import Settings
from kpi_pipeline.model.finding import Finding, Severity
from kpi_pipeline_tests.command import Command
from kpi_pipeline_tests.doctor.mending import bad, dsn
from kpi_pipeline_tests.notify.slack_peer import CHANNEL, TOKEN, SlackPeer
from kpi_pipeline_tests.sales import DECLARATION, Sales

DOWN = "postgresql://shop:s3cr3t-pass@127.0.0.1:1/shop"


def behind(seconds: float) -> datetime:
    return datetime.now(UTC) - timedelta(seconds=seconds)


def look(sales: Sales, **settings: str) -> list[Finding]:
    return list(examine(sales.spec, replace(sales.settings, **settings)))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("seconds", "level"),
    [(0, Severity.OK), (10, Severity.WARNING), (-3600, Severity.PROBLEM)],
    ids=["right", "slow", "fast"],
)
def test_this_machines_clock_is_held_against_both_databases(
    sales: Sales, seconds: float, level: Severity
) -> None:
    found = {
        finding.subject: finding.level
        for finding in examine(sales.spec, sales.settings, lambda: behind(seconds))
        if finding.subject.startswith("clocks")
    }

    assert found == {
        "clocks: this machine, source": level,
        "clocks: this machine, state": level,
        "clocks: source, state": Severity.OK,
    }


def test_a_rule_without_its_channel_is_told_until_it_is_set_up(sales: Sales) -> None:
    quiet = replace(sales, declaration=DECLARATION.replace(", notify: [slack]", ""))
    bot = {"slack_token": TOKEN, "slack_channel": CHANNEL}
    lonely = {"slack_token": "xoxb-s3cr3t"}
    broken = bad(look(sales, **lonely))["settings: channels"]

    assert "alerts go to the log" in bad(look(sales))["settings: channels"].what
    assert "settings: channels" not in bad(look(sales, **bot))
    assert "settings: channels" not in bad(look(quiet))
    assert broken.level is Severity.PROBLEM
    assert "SLACK_CHANNEL" in broken.what
    assert "s3cr3t" not in str(broken)


def test_something_due_that_nobody_folds_is_told_until_it_is_folded(sales: Sales) -> None:
    assert "runs" not in {finding.subject for finding in look(sales)}
    assert sales.state_rows("SELECT to_regnamespace('kpi')") == [(None,)]
    sales.sell(1)
    sales.advance()
    sales.sell(2)
    fresh = bad(look(sales))
    engine = create_engine(sales.state_url)
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE kpi.snapshot SET body = jsonb_set(body, '{snapshot,computed_at}', "
            "to_jsonb((now() - interval '2 hours')::text))"
        )
    engine.dispose()
    old = bad(look(sales))
    sales.advance()

    assert "runs" not in fresh
    assert re.match(r"the last run was 2h( \d+s)? ago, and something is due", old["runs"].what)
    assert "changed rows" in old["runs"].what
    assert "kpi-pipeline advance" in old["runs"].remedy
    assert "runs" not in bad(look(sales))


def test_tables_without_a_first_run_are_told(sales: Sales) -> None:
    assert sales.parts.store.latest() is None

    assert bad(look(sales))["runs"].what == "nothing was folded yet"


@pytest.mark.parametrize(
    ("away", "other"),
    [("source_url", "state tables"), ("state_url", "source role")],
    ids=["source", "state"],
)
@pytest.mark.parametrize("url", [DOWN, "mysql://shop:s3cr3t-pass@127.0.0.1/shop", "nonsense"])
def test_a_database_that_is_away_hides_none_of_the_other_findings(
    sales: Sales, away: str, other: str, url: str
) -> None:
    found = look(sales, **{away: url})
    place = away.removesuffix("_url")

    assert bad(found)[place].level is Severity.PROBLEM
    assert other in bad(found)
    assert "settings: channels" in bad(found)
    assert "s3cr3t" not in str(found)


def test_the_command_draws_a_table_and_prints_what_can_be_pasted(
    sales: Sales, tmp_path: Path, slack_peer: SlackPeer
) -> None:
    sales.run("DROP INDEX transactions_created_at_idx")
    sales.sell(1)
    sales.advance()
    command = Command(sales, tmp_path, slack_peer)

    code, output = command.run("doctor")

    assert code == 0
    assert "│ warning │ source index" in output
    assert '\n  CREATE INDEX CONCURRENTLY ON "public"."transactions" ("created_at");\n' in output
    assert "2 warning, 0 problem" in output


def test_a_problem_is_exit_code_one_and_a_wrong_declaration_two(
    sales: Sales, tmp_path: Path
) -> None:
    command = Command(sales, tmp_path)
    command.environment["KPI_STATE_URL"] = DOWN
    away, output = command.run("doctor")
    command.file.write_text("nonsense")
    wrong, _ = command.run("doctor")

    assert (away, wrong) == (1, 2)
    assert "connection failed" in " ".join(output.replace("│", " ").split())
    assert "s3cr3t" not in output


def test_passwords_of_working_databases_are_never_shown(sales: Sales) -> None:
    guarded = Settings(
        source_url=dsn(sales.source_url).replace("postgres@", "postgres:s3cr3t-a@"),
        state_url=dsn(sales.state_url).replace("postgres@", "postgres:s3cr3t-b@"),
    )

    found = examine(sales.spec, guarded)

    assert Severity.PROBLEM not in {finding.level for finding in found}
    assert "s3cr3t" not in str(found)
