"""Redis holds the newest snapshot of each pipeline, whoever writes, however often."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar, cast

import pytest
from redis import Redis
from redis.asyncio import Redis as AsyncRedis
from redis.client import PubSub
from redis.crc import key_slot
from redis.exceptions import ResponseError

from kpi_pipeline.dashboard.message import Message
from kpi_pipeline.dashboard.redis_write import MOST_EVENTS, SCRIPT, Place, Script, write
from kpi_pipeline_tests.dashboard.redis_server import RedisServer

T = TypeVar("T")
ODD = ["sales", "a_b", "Straße 7", 'it\'s "b" 50%', "a:b", "x{y", "a\nb"]
SALES = Place("sales")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    found = RedisServer(tmp_path_factory.mktemp("redis"))
    found.start()
    yield found
    found.kill()


@pytest.fixture
def redis(server: RedisServer) -> Iterator[Redis]:
    with server.client() as client:
        client.flushall()
        yield client


def message(id_: str, pipeline: str = "sales") -> Message:
    return Message(pipeline, "snapshot", id_, b'{"id":"%s"}' % id_.encode())


def writing(server: RedisServer, work: Callable[[Script], Awaitable[T]]) -> T:
    async def connected() -> T:
        async with AsyncRedis.from_url(server.url) as client:
            return await work(cast("Script", client.register_script(SCRIPT)))

    return asyncio.run(connected())


def put(server: RedisServer, *ids: str, first: bool = False) -> list[str | None]:
    async def work(script: Script) -> list[str | None]:
        return [await write(script, message(id_), first=first) for id_ in ids]

    return writing(server, work)


def events(redis: Redis) -> list[str]:
    found = cast("list[tuple[bytes, Any]]", redis.xrange(SALES.events))
    return [entry.decode() for entry, _ in found]


@contextmanager
def listening(redis: Redis) -> Iterator[PubSub]:
    with redis.pubsub() as heard:  # type: ignore[no-untyped-call]
        heard.subscribe(SALES.channel)
        heard.get_message(timeout=5)  # that it listens now
        yield heard


def test_a_snapshot_is_kept_told_and_published(server: RedisServer, redis: Redis) -> None:
    with listening(redis) as heard:
        assert put(server, "7.100") == [None]
        said = heard.get_message(timeout=5)

    assert redis.get("kpi:{sales}:snapshot") == b'{"id":"7.100"}'
    assert redis.ttl("kpi:{sales}:snapshot") == -1
    assert redis.xrange("kpi:{sales}:events") == [
        (b"7-100", {b"event": b"snapshot", b"id": b"7.100"})
    ]
    assert said is not None
    assert said["channel"] == b"kpi:{sales}"
    assert said["data"] == b'{"event":"snapshot","id":"7.100","data":{"id":"7.100"}}'


@pytest.mark.parametrize(
    ("there", "older"),
    [("10.100", "9.200"), ("7.100", "7.99"), ("100.5", "99.6"), ("9007199254740991.5", "1.6")],
)
def test_what_is_older_is_refused(
    server: RedisServer, redis: Redis, there: str, older: str
) -> None:
    assert put(server, there, older) == [None, there]

    assert redis.get(SALES.snapshot) == message(there).data
    assert events(redis) == [there.replace(".", "-")]


def test_what_is_there_already_is_not_told_again(server: RedisServer, redis: Redis) -> None:
    with listening(redis) as heard:
        assert put(server, "7.100", "7.100", "7.100") == [None, None, None]
        said = [heard.get_message(timeout=5), heard.get_message(timeout=0.1)]

    assert said[0] is not None
    assert said[1] is None
    assert events(redis) == ["7-100"]


def test_a_key_that_was_evicted_is_written_again_and_not_told_again(
    server: RedisServer, redis: Redis
) -> None:
    put(server, "7.100")
    redis.delete(SALES.snapshot)
    put(server, "7.100")

    assert redis.get(SALES.snapshot) == message("7.100").data
    assert events(redis) == ["7-100"]


def test_another_declaration_says_the_same_minute_anew_and_nothing_goes_back(
    server: RedisServer, redis: Redis
) -> None:
    put(server, "7.100")
    saved = Message("sales", "snapshot", "7.100", b'{"id":"7.100","new":1}')
    with listening(redis) as heard:
        again = [writing(server, lambda s: write(s, saved, first=True)) for _ in range(2)]
        said = [heard.get_message(timeout=5), heard.get_message(timeout=0.1)]
    put(server, "7.100")  # somebody who has not read the new declaration yet
    older = put(server, "6.200", first=True)

    assert (again, older) == ([None, None], ["7.100"])
    assert said[0] is not None
    assert b'"new":1' in said[0]["data"]
    assert said[1] is None
    assert redis.get(SALES.snapshot) == saved.data
    assert events(redis) == ["7-100"]


def test_a_stream_that_was_emptied_still_knows_what_it_had(
    server: RedisServer, redis: Redis
) -> None:
    put(server, "7.100")
    redis.xtrim(SALES.events, maxlen=0, approximate=False)

    assert put(server, "6.200", "7.100", "7.101") == ["7.100", None, None]
    assert events(redis) == ["7-101"]


def test_something_else_in_the_place_of_the_stream_leaves_the_snapshot_as_it_was(
    server: RedisServer, redis: Redis
) -> None:
    redis.set(SALES.events, "not ours")

    with pytest.raises(ResponseError, match="WRONGTYPE"):
        put(server, "7.100")
    assert redis.get(SALES.snapshot) is None


def test_two_who_write_at_once_leave_the_newest_and_tell_nothing_twice(
    server: RedisServer, redis: Redis
) -> None:
    async def work(script: Script) -> None:
        async with AsyncRedis.from_url(server.url) as client:
            other = cast("Script", client.register_script(SCRIPT))
            await asyncio.gather(
                *(shuffled(each, seed) for seed, each in enumerate((script, other)))
            )

    async def shuffled(script: Script, seed: int) -> None:
        order = list(range(1, 101))
        # In windows of ten, so that many are taken, and many are too late.
        random.Random(seed).shuffle(order)  # noqa: S311 - an order to try
        for number in sorted(order, key=lambda n: n + order.index(n) // 5):
            await write(script, message(f"{number}.{number}"))

    writing(server, work)
    told = [int(entry.split("-")[0]) for entry in events(redis)]

    assert redis.get(SALES.snapshot) == message("100.100").data
    assert told == sorted(set(told))
    assert told[-1] == 100
    assert len(told) > 10


def test_the_stream_forgets_what_is_old(server: RedisServer, redis: Redis) -> None:
    put(server, *(f"{number}.1" for number in range(1, MOST_EVENTS + 300)))

    assert MOST_EVENTS <= len(events(redis)) < MOST_EVENTS + 200


@pytest.mark.parametrize("name", ODD)
def test_a_pipeline_of_any_name_has_its_own_place(
    server: RedisServer, redis: Redis, name: str
) -> None:
    put(server, "7.100")
    writing(server, lambda script: write(script, message("5.1", name)))
    place = Place(name)

    assert redis.get(place.snapshot) == message("5.1" if name != "sales" else "7.100").data
    assert key_slot(place.snapshot.encode()) == key_slot(place.events.encode())
