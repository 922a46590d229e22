"""`kpi-pipeline replay` as a person types it, on the real state database."""

from pathlib import Path

import pytest

from kpi_pipeline_tests.command import Command
from kpi_pipeline_tests.sales import DECLARATION, Sales

OWN = DECLARATION.replace(
    "milestone: {metric: total_revenue, window: lifetime, above: 1000, notify: [slack]}",
    "busy: {metric: transaction_count, window: last_60m, above: 30, for: 5m, notify: [slack]}",
)
ROWS = """
INSERT INTO transactions (created_at, amount, transaction_type, user_id)
SELECT date_trunc('minute', now()) - n * interval '1 minute', 10, 'FOOD', 1
FROM generate_series(1, 3000) AS n WHERE n % 600 < 60
"""
RULES = """\
thresholds:
  kinds: {metric: revenue_by_type, window: today, above: 100}
"""


@pytest.fixture
def command(sales: Sales, tmp_path: Path) -> Command:
    sales.declaration = OWN
    return Command(sales, tmp_path)


def test_replay_shows_when_rules_would_have_fired_and_sends_nothing(
    sales: Sales, command: Command, tmp_path: Path
) -> None:
    sales.run(ROWS)
    command.run("advance")
    before = sales.state_rows("SELECT count(*) FROM kpi.transition")
    picture = tmp_path / "timeline.svg"

    code, output = command.run("replay", "--since", "2d", "--output", str(picture))

    assert (code, "What would have fired" in output) == (0, True), output
    assert "times some rule fires" in output
    assert "not replayed: freshness; when rows came" in output
    assert "5 times" in output or "4 times" in output
    assert picture.read_text().startswith("<svg")
    assert sales.state_rows("SELECT count(*) FROM kpi.transition") == before


def test_replay_agrees_with_what_the_state_itself_says(sales: Sales, command: Command) -> None:
    sales.run(ROWS)
    command.run("advance")
    rows = sales.one(
        "SELECT count(*) FROM transactions WHERE created_at >= date_trunc('minute', now())"
        " - interval '59 minutes'"
    )

    _, output = command.run("replay", "--since", "1h")

    assert isinstance(rows, int)
    assert ("still" in output) == (rows > 30)


def test_rules_may_be_tried_from_a_file(sales: Sales, command: Command, tmp_path: Path) -> None:
    sales.run(ROWS)
    command.run("advance")
    rules = tmp_path / "rules.yaml"
    rules.write_text(RULES)

    code, output = command.run("replay", "--since", "2d", "--rule", str(rules))

    assert (code, "kinds: FOOD" in output) == (0, True), output
    assert "busy" not in output

    rules.write_text(RULES.replace("today", "todai"))
    code, output = command.run("replay", "--rule", str(rules))
    assert (code, "did you mean 'today'?" in output) == (2, True), output


def test_before_the_first_run_there_is_nothing_to_replay(command: Command) -> None:
    code, output = command.run("replay")

    assert (code, "nothing was folded yet" in output) == (1, True), output
