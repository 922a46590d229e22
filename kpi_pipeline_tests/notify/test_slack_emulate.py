"""The bot against a Slack that somebody else wrote: npm's `emulate`."""

import contextlib
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from socket import create_connection, create_server

import pytest
from slack_sdk import WebClient

from kpi_pipeline.model.notice import Notice, NoticeKind
from kpi_pipeline.notify.slack_bot import SlackBot

EMULATE = "emulate@0.8.0"  # later ones want a newer Node
TOKEN = "test_token_admin"  # noqa: S105 - emulate's own
PATIENCE = 20


@pytest.fixture(scope="module")
def api_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        pytest.skip("npm or node is not installed: apt-get install npm")
    folder: Path = tmp_path_factory.mktemp("emulate")
    install = [npm, "install", "--no-audit", "--no-fund", "--prefix", str(folder), EMULATE]
    done = subprocess.run(install, capture_output=True, text=True, timeout=120, check=False)
    if done.returncode:
        said = next(iter(done.stderr.splitlines()), "nothing")
        pytest.skip(f"npm cannot install {EMULATE}, perhaps its registry is away; it says: {said}")
    with create_server(("127.0.0.1", 0)) as reserved:
        port = reserved.getsockname()[1]
    script = folder / "node_modules/emulate/dist/index.js"
    command = [node, str(script), "--service", "slack", "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=folder) as process:
        _wait(port)
        yield f"http://localhost:{port}/api/"
        process.kill()


def _wait(port: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        with contextlib.suppress(OSError), create_connection(("localhost", port)):
            return
        assert time.monotonic() < deadline, "emulate does not start"
        time.sleep(0.1)


@pytest.fixture
def client(api_url: str) -> WebClient:
    return WebClient(token=TOKEN, base_url=api_url)


@pytest.fixture
def channel(client: WebClient, request: pytest.FixtureRequest) -> str:
    name = f"kpi-{abs(hash(request.node.name)) % 10**9}"
    return str(client.conversations_create(name=name)["channel"]["id"])


@pytest.fixture
def bot(api_url: str, channel: str) -> SlackBot:
    return SlackBot(TOKEN, channel, base_url=api_url)


def _thread(client: WebClient, channel: str, root: str) -> list[str]:
    reply = client.api_call("conversations.replies", params={"channel": channel, "ts": root})
    return [str(message["text"]) for message in reply["messages"]]


def test_an_episode_is_one_message_with_its_thread(
    bot: SlackBot, client: WebClient, channel: str, notice: Notice
) -> None:
    root = bot.deliver(notice)
    for kind in (NoticeKind.REMIND, NoticeKind.ESCALATE, NoticeKind.RESOLVE):
        bot.deliver(replace(notice, key=f"k/{kind}", kind=kind, text=f"it is {kind}"), root)

    assert _thread(client, channel, root) == [
        "it is resolve",
        "it is remind",
        "it is escalate",
        "it is resolve",
    ]


def test_each_message_is_found_by_its_key_and_no_other(bot: SlackBot, notice: Notice) -> None:
    root = bot.deliver(notice)
    end = replace(notice, key="k/end", kind=NoticeKind.RESOLVE)

    assert bot.find(notice) == root
    assert bot.find(end, root) is None
    assert bot.deliver(end, root) == bot.find(end, root)


def test_a_root_that_people_deleted_is_replaced(
    bot: SlackBot, client: WebClient, channel: str, notice: Notice
) -> None:
    root = bot.deliver(notice)
    client.chat_delete(channel=channel, ts=root)
    end = replace(notice, key="k/end", kind=NoticeKind.RESOLVE)
    reference = bot.deliver(end, root)

    assert reference != root
    assert bot.find(end, root) == reference
