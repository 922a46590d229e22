"""A chart that many pages ask for at once is read once."""

import asyncio

import pytest

from kpi_pipeline.dashboard.memo import Memo
from kpi_pipeline.model.errors import StateError


class Kitchen:
    """Counts what it makes."""

    def __init__(self) -> None:
        self.made = 0
        self.away = False

    async def make(self) -> bytes:
        self.made += 1
        number = self.made
        await asyncio.sleep(0)
        if self.away:
            raise StateError("connection refused")
        return f"chart {number}".encode()


def test_all_who_ask_at_once_get_the_same_and_it_is_kept() -> None:
    async def ask() -> tuple[list[bytes], bytes, int]:
        kitchen, memo = Kitchen(), Memo()
        found = await asyncio.gather(*(memo.get("4711.1", kitchen.make) for _ in range(50)))
        return found, await memo.get("4711.1", kitchen.make), kitchen.made

    assert asyncio.run(ask()) == ([b"chart 1"] * 50, b"chart 1", 1)


def test_an_error_is_told_to_all_and_not_kept() -> None:
    async def ask() -> bytes:
        kitchen, memo = Kitchen(), Memo()
        kitchen.away = True
        asked = (memo.get("4711.1", kitchen.make) for _ in range(3))
        found = await asyncio.gather(*asked, return_exceptions=True)
        assert [type(error) for error in found] == [StateError] * 3
        kitchen.away = False
        return await memo.get("4711.1", kitchen.make)

    assert asyncio.run(ask()) == b"chart 2"


@pytest.mark.parametrize(("most", "made"), [(2, 3), (1, 4)])
def test_what_was_asked_for_longest_ago_is_forgotten_first(most: int, made: int) -> None:
    async def ask() -> int:
        kitchen, memo = Kitchen(), Memo(most)
        for key in ("a", "b", "a", "c"):
            await memo.get(key, kitchen.make)
        return kitchen.made

    assert asyncio.run(ask()) == made
