"""The peer by itself, as other processes use it."""

import contextlib
import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import pytest

from kpi_pipeline.model.errors import DeliveryError
from kpi_pipeline.model.notice import Notice
from kpi_pipeline.notify.slack_bot import SlackBot
from kpi_pipeline_tests.notify import slack_peer as module
from kpi_pipeline_tests.notify.slack_limits import message_problem
from kpi_pipeline_tests.notify.slack_peer import SlackPeer

PROJECT = Path(module.__file__).parents[2]


@pytest.fixture
def process() -> Iterator[subprocess.Popen[str]]:
    options = ["--port", "0", "--token", "xoxb-2", "--channel", "C9"]
    command = [sys.executable, "-m", module.__name__, *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=PROJECT) as running:
        yield running
        running.terminate()
        try:
            running.wait(20)
        except subprocess.TimeoutExpired:  # a busy machine must not hold the whole suite up
            running.kill()


def test_it_runs_by_itself_and_tells_what_it_accepted(
    process: subprocess.Popen[str], notice: Notice
) -> None:
    assert process.stdout is not None
    names = dict(process.stdout.readline().split() for _ in range(3))
    bot = SlackBot(names["token"], "C9", base_url=names["api"])
    order = json.dumps({"status": 500, "times": 1}).encode()
    root = names["api"].removesuffix("/api/")
    with urlopen(Request(f"{root}/faults", data=order)) as reply:  # noqa: S310 - loopback
        assert reply.status == 200
    with pytest.raises(DeliveryError):
        bot.deliver(notice)
    reference = bot.deliver(notice)
    with urlopen(f"{root}/messages") as reply:  # noqa: S310 - loopback
        accepted = json.load(reply)

    assert [message["ts"] for message in accepted] == [reference]
    assert json.loads(process.stdout.readline()) == accepted[0]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_client_that_says_nothing_does_not_keep_it_from_ending(
    process: subprocess.Popen[str], number: signal.Signals
) -> None:
    assert process.stdout is not None
    port = urlsplit(process.stdout.readline().split()[1]).port
    with socket.create_connection(("127.0.0.1", port or 0)):
        process.send_signal(number)

        assert process.wait(20) == 0


def test_a_client_that_says_nothing_does_not_hold_a_test_up() -> None:
    with contextlib.ExitStack() as clients:
        with SlackPeer() as peer:
            address = ("127.0.0.1", urlsplit(peer.url).port or 0)
            clients.enter_context(socket.create_connection(address))
            half = clients.enter_context(socket.create_connection(address))
            half.sendall(b"POST /api/chat.postMessage HTTP/1.1\r\nContent-Length: 9\r\n\r\n{")
            served = clients.enter_context(socket.create_connection(address))
            served.sendall(b"GET /messages HTTP/1.0\r\n\r\n")

            assert served.recv(1)  # so the two before it have been let in

        assert half.recv(1) == b""


HEADER = {"type": "header", "text": {"type": "plain_text", "text": "x"}}
FIELD = {"type": "mrkdwn", "text": "x"}


@pytest.mark.parametrize(
    ("message", "problem"),
    [
        ({"text": "x"}, ""),
        ({"text": "x", "blocks": [HEADER] * 50}, ""),
        ({"text": "x", "blocks": [HEADER] * 51}, "invalid_blocks"),
        ({"text": "x", "blocks": [{"type": "section", "fields": [FIELD] * 10}]}, ""),
        ({"text": "x", "blocks": [{"type": "section", "fields": [FIELD] * 11}]}, "invalid_blocks"),
        ({"text": "x", "blocks": [{"type": "section", "fields": []}]}, "invalid_blocks"),
        ({"text": "x", "blocks": [{"type": "section", "text": FIELD}]}, ""),
        ({"text": "x", "blocks": [{"type": "unheard_of"}]}, "invalid_blocks"),
        (
            {"blocks": [{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}]},
            "invalid_blocks",
        ),
        ({}, "no_text"),
        ({"text": "x" * 40_001}, "msg_too_long"),
        ({"text": "x", "metadata": {"event_type": "x"}}, "invalid_metadata_format"),
    ],
)
def test_it_has_slacks_limits(message: dict[str, object], problem: str) -> None:
    assert message_problem(message) == problem
