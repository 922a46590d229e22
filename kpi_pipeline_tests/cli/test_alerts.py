"""`mute`, `unmute`, `ack` and `episodes` as a person types them."""

from pathlib import Path

import pytest

from kpi_pipeline_tests.command import Command
from kpi_pipeline_tests.notify.slack_peer import Fault, SlackPeer
from kpi_pipeline_tests.sales import DECLARATION, Sales

OWN = DECLARATION.replace("notify: [slack]}", "repeat: 1h, stale_for: 1h, notify: [log]}")


@pytest.fixture
def command(sales: Sales, tmp_path: Path) -> Command:
    sales.declaration = OWN
    return Command(sales, tmp_path)


def test_what_people_do_to_an_alert_is_seen_and_logged(sales: Sales, command: Command) -> None:
    sales.sell(5000)
    assert "is muted until" in command.run("mute", "milestone", "--for", "2h", "--why", "x")[1]
    command.run("advance")

    _, silent = command.run("episodes")
    assert "muted until" in silent
    assert "milestone is firing (warn)" in silent

    assert "milestone speaks again" in command.run("unmute", "milestone")[1]
    assert "milestone was not muted" in command.run("unmute", "milestone")[1]
    command.run("advance")
    assert "milestone no. 1 is acknowledged" in command.run("ack", "milestone")[1]
    assert "nothing fires that is not acknowledged" in command.run("ack", "milestone")[1]

    code, output = command.run("episodes", "--rule", "milestone", "--since", "1h")
    assert code == 0
    assert "told only" in output
    assert "acknowledged" in output
    assert "told log" in output


def test_failures_of_the_pipeline_are_taken_over_like_any_alert(
    sales: Sales, tmp_path: Path
) -> None:
    sales.declaration = f"{OWN}  failures: {{after: 0m, notify: [log]}}\n"
    sales.run("ALTER TABLE transactions RENAME amount TO price")
    command = Command(sales, tmp_path)
    command.run("advance")
    command.run("advance")

    assert "pipeline_failure no. 1 is acknowledged" in command.run("ack", "pipeline_failure")[1]
    stand = command.run("episodes")[1].splitlines()[-1]
    assert stand.startswith("pipeline_failure is firing (critical) since ")
    assert ", acknowledged " in stand


def test_whom_no_message_reached_is_not_said_to_know(
    sales: Sales, tmp_path: Path, slack_peer: SlackPeer
) -> None:
    sales.declaration = DECLARATION.replace("notify: [slack]}", "notify: [slack, email]}")
    command = Command(sales, tmp_path, slack_peer)
    slack_peer.fail(Fault(error="invalid_auth"))
    sales.sell(5000)
    command.run("advance")

    stand = command.run("episodes")[1].splitlines()[-1]

    assert stand.endswith(", told log (email has no settings), slack not reached")


def test_what_is_not_known_is_refused_with_the_nearest(sales: Sales, command: Command) -> None:
    sales.sell(1)
    for words, message in (
        (("mute", "milestne", "--for", "2h"), "did you mean 'milestone'?"),
        (("mute", "milestone", "--for", "soon"), "is not a duration"),
        (("mute", "milestone", "--for", "0m"), "must be longer than nothing"),
        (("mute", "milestone", "--for", "31d"), "may be 30 days"),
        (("unmute", "milestne"), "did you mean 'milestone'?"),
        (("ack", "freshnes"), "did you mean 'freshness'?"),
        (("ack", "milestone", "--group", "DELI"), "no group 'DELI' fires"),
        (("episodes", "--rule", "milestone.no_dta"), "milestone.no_data"),
        (("episodes", "--since", "2026-13-01"), "is not a timestamp"),
        (("episodes", "--since", "often"), "is not a duration"),
    ):
        code, output = command.run(*words)
        assert (code, message in output) == (2, True), (words, output)


def test_nothing_happened_yet(command: Command) -> None:
    assert "No alert changed." in command.run("episodes")[1]
