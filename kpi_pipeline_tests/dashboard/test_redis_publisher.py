"""The publisher keeps Redis as new as the hub, whatever becomes of Redis."""

import asyncio
import logging
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from kpi_pipeline.config import SettingsError, read_settings
from kpi_pipeline.dashboard import redis_publisher
from kpi_pipeline.dashboard.envelope import NOTHING
from kpi_pipeline.dashboard.message import Mailbox, Message
from kpi_pipeline.dashboard.redis_open import Publisher, open_redis
from kpi_pipeline.dashboard.redis_write import Place
from kpi_pipeline.model.errors import KpiError
from kpi_pipeline_tests.dashboard.gallery import gallery
from kpi_pipeline_tests.dashboard.redis_server import PASSWORD, QUOTED, RedisServer
from kpi_pipeline_tests.dashboard.running import serving
from kpi_pipeline_tests.dashboard.test_another_declaration import board_of

SALES = Place("sales")
STATUS = Message("sales", "status", None, b"{}")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    found = RedisServer(tmp_path)
    found.start()
    yield found
    found.kill()


def snapshot(id_: str) -> Message:
    return Message("sales", "snapshot", id_, b'{"id":"%s"}' % id_.encode())


def up(publisher: Publisher) -> list[float]:
    return [sample.value for family in publisher.collect() for sample in family.samples]


def publishing(url: str, work: Callable[[Publisher, Mailbox], Awaitable[None]]) -> None:
    async def running() -> None:
        publisher, box = open_redis(url), Mailbox(lambda _: None)
        task = asyncio.create_task(publisher.run(box))
        await work(publisher, box)
        box.close()
        await asyncio.wait_for(task, 10)

    asyncio.run(running())


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not true():  # noqa: ASYNC110 - Redis, and logs, ring no bell
            await asyncio.sleep(0.02)


def kept(server: RedisServer) -> object:
    with server.client() as client:
        return client.get(SALES.snapshot)


def test_the_newest_snapshot_is_written(server: RedisServer) -> None:
    async def work(publisher: Publisher, box: Mailbox) -> None:
        assert up(publisher) == []
        box.put(snapshot("7.100"))
        await until(lambda: up(publisher) == [1])

    publishing(server.url, work)

    assert kept(server) == b'{"id":"7.100"}'


def test_nothing_is_written_before_the_first_fold(server: RedisServer) -> None:
    async def work(_: Publisher, box: Mailbox) -> None:
        box.put(snapshot(NOTHING))
        box.put(STATUS)
        await asyncio.sleep(0.1)

    publishing(server.url, work)

    assert kept(server) is None


def test_a_redis_that_died_gets_the_newest_again_when_it_is_back(
    server: RedisServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(redis_publisher, "LONGEST_REST", 0.1)
    monkeypatch.setattr(redis_publisher, "SHORTEST_REST", 0.02)

    async def work(publisher: Publisher, box: Mailbox) -> None:
        box.put(snapshot("7.100"))
        await until(lambda: up(publisher) == [1])
        server.kill()
        box.put(STATUS)
        await until(lambda: up(publisher) == [0])
        box.put(snapshot("8.101"))
        await asyncio.sleep(0.3)
        await asyncio.to_thread(server.start)
        await until(lambda: up(publisher) == [1] and kept(server) == b'{"id":"8.101"}')

    with caplog.at_level(logging.INFO):
        publishing(server.url, work)

    said = [record for record in caplog.records if record.name == redis_publisher.__name__]
    assert [record.levelno for record in said] == [logging.WARNING]
    assert "Redis takes no snapshot (ConnectionError); see KPI_REDIS_URL" in said[0].message


def test_a_redis_that_lost_everything_has_it_again_at_the_next_heartbeat(
    server: RedisServer,
) -> None:
    async def work(publisher: Publisher, box: Mailbox) -> None:
        box.put(snapshot("7.100"))
        await until(lambda: up(publisher) == [1])
        with server.client() as client:
            client.flushall()
        box.put(STATUS)
        await until(lambda: kept(server) is not None)

    publishing(server.url, work)

    assert kept(server) == b'{"id":"7.100"}'


def test_a_newer_snapshot_of_somebody_else_stays_and_is_told(
    server: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    async def work(publisher: Publisher, box: Mailbox) -> None:
        box.put(snapshot("9.1"))
        await until(lambda: up(publisher) == [1])
        box.put(snapshot("8.1"))
        await until(lambda: "newer" in caplog.text)
        assert up(publisher) == [1]

    publishing(server.url, work)

    assert kept(server) == b'{"id":"9.1"}'
    assert "Redis has 9.1 of sales, which is newer than 8.1" in caplog.text


def test_the_password_is_in_no_log_and_no_error(
    server: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    wrong = server.url.replace(QUOTED, "se%3Acret%401%25x")

    async def work(publisher: Publisher, box: Mailbox) -> None:
        box.put(snapshot("7.100"))
        await until(lambda: up(publisher) == [0])
        assert "cret" not in repr(publisher)
        raise KpiError("done")

    with caplog.at_level(logging.DEBUG), pytest.raises(KpiError, match="done"):
        publishing(wrong, work)

    assert "AuthenticationError" in caplog.text
    assert PASSWORD not in caplog.text
    assert "cret" not in caplog.text


@pytest.mark.parametrize("scheme", ["redis", "rediss"])
def test_an_address_with_or_without_encryption_is_accepted(scheme: str) -> None:
    url = f"{scheme}://user:{QUOTED}@redis.example.com:6380/1"
    settings = read_settings({"KPI_REDIS_URL": url})

    assert settings.redis_url == url
    assert "cret" not in repr(settings)
    assert up(open_redis(url)) == []


def test_an_address_of_something_else_is_a_wrong_setting() -> None:
    with pytest.raises(SettingsError, match=r"^KPI_REDIS_URL must begin with redis:// or rediss"):
        read_settings({"KPI_REDIS_URL": "https://user:secret@redis.example.com"})


def test_an_address_that_cannot_be_read_is_not_shown() -> None:
    with pytest.raises(KpiError, match="KPI_REDIS_URL cannot be read") as error:
        open_redis("redis://user:se/cret@redis.example.com")

    assert "cret" not in str(error.value)


def test_the_app_writes_what_its_api_gives(server: RedisServer) -> None:
    boards, bell = gallery()
    publisher, place = open_redis(server.url), Place(boards[0].spec.name)
    with serving(boards[:1], bell, publisher=publisher) as page, server.client() as client:
        asyncio.run(until(lambda: client.get(place.snapshot) is not None))
        boards[0].commit()
        asyncio.run(until(lambda: client.xlen(place.events) == 2))

        assert client.get(place.snapshot) == page.get("/api/v1/snapshot").content


def test_what_a_saved_declaration_gives_is_there_at_once(server: RedisServer) -> None:
    for text in ("old", "new"):
        board, bell = board_of(text)
        place = Place(board.spec.name)
        with serving([board], bell, publisher=open_redis(server.url)) as page:
            given = page.get("/api/v1/snapshot").content
            with server.client() as client:
                asyncio.run(until(lambda: client.get(place.snapshot) == given))  # noqa: B023 - at once

    assert b'"description":"new"' in given


def test_without_its_client_the_setting_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delitem(sys.modules, redis_publisher.__name__)
    monkeypatch.setitem(sys.modules, "redis.asyncio", None)

    with pytest.raises(KpiError, match="KPI_REDIS_URL needs the package redis: pip install"):
        open_redis("redis://127.0.0.1")
