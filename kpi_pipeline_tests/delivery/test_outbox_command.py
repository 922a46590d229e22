"""`kpi-pipeline outbox`, in a process of its own."""

from pathlib import Path

from kpi_pipeline_tests.command import Command
from kpi_pipeline_tests.notify.slack_peer import Fault, SlackPeer
from kpi_pipeline_tests.sales import Sales


def test_a_message_is_shown_with_where_it_stands_and_why(
    sales: Sales, tmp_path: Path, slack_peer: SlackPeer
) -> None:
    slack_peer.channels["C0OPS"] = "is_archived"
    sales.sell(5000)
    command = Command(sales, tmp_path, slack_peer)
    command.run("advance")

    code, output = command.run("outbox")
    flat = "".join(line.replace(" ", "") for line in output.splitlines())

    assert code == 0
    assert "dead" in output
    assert "inplaceof" in flat
    assert "xoxb" not in output
    assert command.run("outbox", "--state", "pending")[1] == "No such message in the last 24h.\n"
    assert command.run("outbox", "--since", "soon")[0] == 2


def test_what_was_given_up_is_sent_again_on_demand(
    sales: Sales, tmp_path: Path, slack_peer: SlackPeer
) -> None:
    slack_peer.fail(Fault(error="invalid_auth"))
    sales.sell(5000)
    command = Command(sales, tmp_path, slack_peer)
    command.run("advance")
    assert slack_peer.messages == []

    code, output = command.run("outbox", "resend", "--dead")
    command.run("advance")

    assert (code, output) == (0, "queued again: 1\n")
    assert len(slack_peer.messages) == 1


def test_a_message_that_waits_is_shown_with_its_time(
    sales: Sales, tmp_path: Path, slack_peer: SlackPeer
) -> None:
    slack_peer.fail(Fault(status=503))
    sales.sell(5000)
    command = Command(sales, tmp_path, slack_peer)
    command.run("advance")

    _, output = command.run("outbox")

    assert "pending" in output
    assert "the next can be tried in" in output


def test_resend_wants_to_know_which(sales: Sales, tmp_path: Path) -> None:
    command = Command(sales, tmp_path)

    assert command.run("outbox", "resend")[0] == 2
    code, output = command.run("outbox", "resend", "77")

    assert code == 2
    assert "not there, or being sent: 77" in output
