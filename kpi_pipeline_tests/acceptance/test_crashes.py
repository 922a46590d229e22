"""`kill -9` anywhere, and two at once: nothing lost, nothing twice, one message a problem."""

import signal
import threading
import time
from pathlib import Path
from random import Random

from sqlalchemy import create_engine, text

from kpi_pipeline_tests.command import Command
from kpi_pipeline_tests.notify.slack_peer import CHANNEL, Fault, SlackPeer
from kpi_pipeline_tests.sales import Sales
from kpi_pipeline_tests.truth import assert_state_equals_source

SEED = 7
HISTORY = """
INSERT INTO transactions (created_at, amount, transaction_type, user_id)
SELECT now() - random() * interval '300 days', round((random() * 100)::numeric, 2),
       (ARRAY['FOOD', 'FUEL', NULL])[1 + floor(random() * 3)::int], floor(random() * 900)::int
FROM generate_series(1, 40000)
"""
DIE_BEFORE_DELIVERY = """
import os, signal, sys, time
from datetime import timedelta
from pathlib import Path
from kpi_pipeline.assembly import assemble
from kpi_pipeline.cli.common import load_spec, settings
from kpi_pipeline.pipeline.advance import advance
parts = assemble(load_spec(Path(sys.argv[1])), settings())
outcome = advance(parts.spec, parts.source, parts.store, budget=timedelta(seconds=60),
                  clock=time.monotonic)
assert outcome.notices == 1
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_runs_killed_at_any_moment_end_equal_to_the_source(sales: Sales, tmp_path: Path) -> None:
    print(f"seed {SEED}")
    random = Random(SEED)  # noqa: S311 - a test's own dice
    sales.run(HISTORY)
    command = Command(sales, tmp_path)
    killed = 0
    for _ in range(8):
        process = command.start("advance")
        time.sleep(0.7 + random.random() * 1.3)
        sales.sell(random.randint(1, 50))
        process.kill()
        killed += process.wait() == -signal.SIGKILL
        process.communicate()
    assert killed >= 3

    code, _ = command.run("advance")

    assert code == 0
    assert_state_equals_source(sales)


def test_a_run_killed_between_commit_and_delivery_is_followed_by_exactly_one_message(
    sales: Sales, tmp_path: Path, slack_peer: SlackPeer
) -> None:
    sales.sell(5000)
    command = Command(sales, tmp_path, slack_peer)

    assert command.script(DIE_BEFORE_DELIVERY) == -signal.SIGKILL
    assert slack_peer.messages == []
    for _ in range(3):
        command.run("advance")

    assert len(slack_peer.messages) == 1
    assert "milestone" in str(slack_peer.messages[0])


def test_a_relay_killed_while_slack_answers_does_not_send_a_second_message(
    sales: Sales, tmp_path: Path
) -> None:
    accepted, let_go = threading.Event(), threading.Event()

    def hold(_: object) -> None:
        accepted.set()
        let_go.wait(30)

    sales.sell(5000)
    with SlackPeer(on_message=hold) as peer:
        command = Command(sales, tmp_path, peer)
        process = command.start("advance")
        assert accepted.wait(30)
        process.kill()
        process.communicate()
        let_go.set()
        _expire_claims(sales)

        code, output = command.run("advance")

        assert code == 0
        assert "alert sent" in output
        assert len(peer.messages) == 1


def test_two_runs_at_once_fold_every_row_once(sales: Sales, tmp_path: Path) -> None:
    sales.run(HISTORY)
    command = Command(sales, tmp_path)
    processes = [command.start("advance") for _ in range(3)]
    outputs = [process.communicate(timeout=120)[0] for process in processes]
    command.run("advance")

    assert [process.returncode for process in processes] == [0, 0, 0], outputs
    assert_state_equals_source(sales)


def test_an_outage_of_slack_loses_no_message_and_fails_no_run(
    sales: Sales, tmp_path: Path, slack_peer: SlackPeer
) -> None:
    sales.sell(5000)
    command = Command(sales, tmp_path, slack_peer)
    slack_peer.fail(Fault(status=503), times=2)

    code, output = command.run("advance")
    assert (code, slack_peer.messages) == (0, [])
    assert "alert not sent yet" in output
    _expire_claims(sales)
    command.run("advance")
    _expire_claims(sales)
    command.run("advance")

    assert len(slack_peer.messages) == 1


def test_an_alert_that_ended_while_slack_was_away_is_one_late_message(
    sales: Sales, tmp_path: Path, slack_peer: SlackPeer
) -> None:
    sales.sell(5000)
    command = Command(sales, tmp_path, slack_peer)
    slack_peer.channels[CHANNEL] = "internal_error"
    command.run("advance")
    sales.sell(-5000, kind="REFUND")
    command.run("advance")
    slack_peer.channels[CHANNEL] = ""
    for _ in range(3):
        _expire_claims(sales)
        command.run("advance")

    (message,) = slack_peer.messages
    assert str(message["text"]).startswith("LATE WARN milestone fired ")


def _expire_claims(sales: Sales) -> None:
    """Time passes: leases run out and waits are over."""
    engine = create_engine(sales.state_url)
    with engine.begin() as connection:
        connection.execute(
            text(
                "UPDATE kpi.outbox SET claimed_at = claimed_at - interval '1 hour', "
                "next_at = next_at - interval '1 hour'"
            )
        )
        connection.execute(text("UPDATE kpi.channel SET open_at = open_at - interval '1 hour'"))
    engine.dispose()
