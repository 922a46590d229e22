"""`kpi-pipeline dev` looks before it leaps: what each tick would say is said before the start."""

from pathlib import Path

from kpi_pipeline_tests.command import Command
from kpi_pipeline_tests.sales import Sales


def test_contradicting_slack_settings_stop_it_at_once(sales: Sales, tmp_path: Path) -> None:
    command = Command(sales, tmp_path)
    command.environment["SLACK_BOT_TOKEN"] = "xoxb-s3cr3t"  # noqa: S105 - made up

    code, output = command.run_plain("dev")

    assert code == 1
    assert "set SLACK_CHANNEL" in output
    assert "s3cr3t" not in output
