"""Made-up sales by minute, the same every time: what the gallery's boards count."""

import math
from datetime import UTC, datetime
from decimal import Decimal
from threading import Lock
from zlib import crc32

from kpi_pipeline.compute.aggregation import divide
from kpi_pipeline.model.moment import MINUTE, floor_minute

FIRST = datetime(2026, 9, 1, tzinfo=UTC)
_LOCK = Lock()
CENT = Decimal("0.01")


def orders(start: datetime, end: datetime) -> int:
    """Orders between two moments."""
    return _total(start, end)[0]


def revenue(start: datetime, end: datetime) -> Decimal:
    """What they brought."""
    return Decimal(_total(start, end)[1]) * CENT


def average(start: datetime, end: datetime) -> Decimal | None:
    """An order's value."""
    return divide(revenue(start, end), Decimal(orders(start, end)))


def shares(total: Decimal, groups: int) -> list[Decimal]:
    """A total in parts that fall off, and that add up to it."""
    weights = [Decimal(1) / (place + 1) for place in range(groups)]
    parts = [(total * weight / sum(weights)).quantize(CENT) for weight in weights]
    parts[0] += total - sum(parts)
    return parts


def _total(start: datetime, end: datetime) -> tuple[int, int]:
    """Orders and cents, from sums up to each minute."""
    first, last = _sums(max(start, FIRST)), _sums(max(end, FIRST))
    return last[0] - first[0], last[1] - first[1]


def _sums(at: datetime) -> tuple[int, int]:
    """Since the first of all; a minute that is not over counts in part."""
    whole = floor_minute(at)
    before, here = _before(_number(whole)), _minute(_number(whole))
    passed = (at - whole) / MINUTE
    return before[0] + int(here[0] * passed), before[1] + int(here[1] * passed)


_SUMS: list[tuple[int, int]] = [(0, 0)]


def _before(number: int) -> tuple[int, int]:
    place = number - _number(FIRST)
    with _LOCK:
        while len(_SUMS) <= place:
            count, cents = _minute(_number(FIRST) + len(_SUMS) - 1)
            _SUMS.append((_SUMS[-1][0] + count, _SUMS[-1][1] + cents))
    return _SUMS[place]


def _number(at: datetime) -> int:
    return int(at.timestamp()) // 60


def _minute(number: int) -> tuple[int, int]:
    noise = crc32(str(number).encode())
    wave = 1 + math.sin(2 * math.pi * (number % 1440) / 1440 - 2.6)
    count = int(1 + 4 * wave + noise % 3)
    return count, count * (2600 + noise % 1700)
