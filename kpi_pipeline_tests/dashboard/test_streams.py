"""Streams: what is new reaches an open page at once, and no page holds the server up."""

import asyncio
import json
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin

from kpi_pipeline.dashboard.message import Mailbox, Message
from kpi_pipeline_tests.dashboard.gallery_bell import GalleryBell
from kpi_pipeline_tests.dashboard.gallery_board import GalleryBoard
from kpi_pipeline_tests.dashboard.running import BEARER, TOKEN, Running, events, eventually, serving
from kpi_pipeline_tests.dashboard.scenes import SCENES

MOST = 8


class Shop:
    """One live board that is served with short limits."""

    def __init__(self) -> None:
        self.bell = GalleryBell()
        self.board = GalleryBoard(SCENES[0], self.bell)


@pytest.fixture(scope="module")
def shop() -> Shop:
    return Shop()


@pytest.fixture(scope="module")
def running(shop: Shop) -> Iterator[Running]:
    with serving([shop.board], shop.bell, most=MOST) as found:
        yield found


def test_a_stream_begins_with_what_is_known(running: Running) -> None:
    with events(running) as stream:
        found = [next(stream) for _ in range(3)]

    assert [event for event, _, _ in found] == ["snapshot", "status", "alerts"]
    assert found[0][1] == found[0][2]["id"] == found[1][2]["id"]
    assert found[1][2]["status"] == "live"


def test_a_commit_reaches_an_open_page_at_once(running: Running, shop: Shop) -> None:
    took = []
    with events(running) as stream:
        while next(stream)[0] != "alerts":
            pass
        for _ in range(5):
            began = time.monotonic()
            shop.board.commit()
            found = next(event for event in stream if event[0] == "snapshot")
            took.append(time.monotonic() - began)

    print(f"from the ring to the page: {sorted(took)[2] * 1000:.0f} ms (median of 5)")
    assert found[2]["revision"] == shop.board.revision
    assert sorted(took)[2] < 0.3


@pytest.mark.parametrize(
    ("seen", "first"),
    [
        ("the newest", "status"),
        ("1.1", "snapshot"),
        ("99999.99999999", "snapshot"),  # a state database that was restored
        ("nonsense; DROP", "snapshot"),
        ("", "snapshot"),
    ],
)
def test_a_snapshot_that_was_seen_is_not_sent_again(
    running: Running, shop: Shop, seen: str, first: str
) -> None:
    shop.board.commit()
    eventually(lambda: running.body("/api/v1/snapshot")["revision"] == shop.board.revision)
    newest = running.body("/api/v1/snapshot")["id"]
    with events(running, Last_Event_ID=newest if seen == "the newest" else seen) as stream:
        assert next(stream)[0] == first


def test_only_who_has_the_token_is_told_that_it_may_act(running: Running) -> None:
    with events(running) as one, events(running, **BEARER) as other:
        statuses = [next(e for e in stream if e[0] == "status")[2] for stream in (one, other)]

    assert [status["may_act"] for status in statuses] == [False, True]


def test_a_websocket_says_the_same(running: Running, shop: Shop) -> None:
    with connect(f"{running.url.replace('http', 'ws')}/ws") as client:
        first = [json.loads(client.recv(5)) for _ in range(3)]
        shop.board.commit()
        later = json.loads(client.recv(5))

    assert [message["event"] for message in first] == ["snapshot", "status", "alerts"]
    assert first[0]["id"] == first[0]["data"]["id"]
    assert (later["event"], later["data"]["revision"]) == ("snapshot", shop.board.revision)


def test_a_websocket_of_a_page_elsewhere_is_refused(running: Running) -> None:
    with pytest.raises(InvalidStatus, match="403"):
        connect(
            f"{running.url.replace('http', 'ws')}/ws", origin=Origin("https://evil.example.com")
        )


def test_a_websocket_about_nothing_is_refused(running: Running) -> None:
    with pytest.raises(InvalidStatus, match="403"):
        connect(f"{running.url.replace('http', 'ws')}/ws?pipeline=nothing")


def test_too_many_streams_are_refused_with_when_to_come_back(running: Running) -> None:
    eventually(lambda: running.hub.listeners == 0)
    with ExitStack() as stack:
        for _ in range(MOST):
            stack.enter_context(events(running))
        found = running.get("/stream")
        with pytest.raises(InvalidStatus, match="403"):
            connect(f"{running.url.replace('http', 'ws')}/ws")

        assert (found.status_code, found.headers["retry-after"]) == (503, "5")
    eventually(lambda: running.hub.listeners == 0)


def test_a_client_that_does_not_read_holds_nothing_up(running: Running, shop: Shop) -> None:
    with socket.create_connection(running.url.removeprefix("http://").split(":")) as slow:  # type: ignore[arg-type]
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        slow.sendall(b"GET /stream HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        eventually(lambda: running.hub.listeners == 1)
        with events(running) as stream:
            for _ in range(100):
                shop.board.commit()
            while next(stream)[2].get("revision") != shop.board.revision:
                pass
    eventually(lambda: running.hub.listeners == 0)


def test_a_box_holds_the_newest_of_each_kind_alone() -> None:
    async def fill() -> list[bytes]:
        box = Mailbox(lambda _: None)
        for number in range(1000):
            for event in ("snapshot", "status"):
                box.put(Message("sales", event, None, f"{event} {number}".encode()))
        box.close()
        return [message.data async for message in box]

    assert asyncio.run(fill()) == [b"snapshot 999", b"status 999"]


def test_the_status_comes_by_itself_now_and_then() -> None:
    shop = Shop()
    with (
        serving([shop.board], shop.bell, heartbeat=0.2) as running,
        events(running) as stream,
    ):
        found = [next(e for e in stream if e[0] == "status")[2]["now"] for _ in range(3)]

    assert found == sorted(set(found))


def test_what_people_do_reaches_every_page(running: Running) -> None:
    with events(running) as stream:
        while next(stream)[0] != "alerts":
            pass
        body = {"rule": "aov_low", "minutes": 30, "why": "deploy"}
        found = running.client.post(
            "/api/v1/alerts/mute", json=body, headers={"Authorization": f"Bearer {TOKEN}"}
        )
        told = next(event for event in stream if event[0] == "alerts")

    assert found.status_code == 200
    assert [mute["why"] for mute in told[2]["mutes"]] == ["deploy"]
