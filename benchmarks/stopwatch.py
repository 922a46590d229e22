"""Time several methods in turns, so that whatever else the machine does meets all of them."""

import time
from collections.abc import Callable, Mapping
from statistics import median

import psycopg

Timed = Callable[[], float]
"""Does something once and returns the seconds of the part that counts."""
Times = dict[str, list[float]]
YARDSTICK = "SELECT 1"
"""What one question costs here and now: figures in milliseconds are that many of them."""


def seconds(work: Callable[[], object]) -> float:
    """How long a piece of work takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def yardstick(connection: psycopg.Connection) -> Timed:
    """Asks the server for nothing."""
    return lambda: seconds(lambda: connection.execute(YARDSTICK).fetchall())


def interleaved(
    methods: Mapping[str, Timed], rounds: int, told: Callable[[], None] = lambda: None
) -> Times:
    """The seconds of each method in each round."""
    times: Times = {name: [] for name in methods}
    for number in range(rounds):
        one_round(methods, number, times, told)
    return times


def one_round(
    methods: Mapping[str, Timed], number: int, times: Times, told: Callable[[], None] = lambda: None
) -> None:
    """Add the seconds of each method once; every other round goes backwards."""
    names = list(methods)
    for name in names if number % 2 == 0 else names[::-1]:
        times[name].append(methods[name]())
        told()


def medians(times: Times) -> dict[str, float]:
    """The median seconds of each method."""
    return {name: median(each) for name, each in times.items()}


def told(each: Mapping[str, float]) -> str:
    """Seconds as milliseconds, in words."""
    return "ms: " + ", ".join(f"{name} {_digits(taken * 1000)}" for name, taken in each.items())


def _digits(milliseconds: float) -> str:
    return f"{milliseconds:,.2f}" if milliseconds < 1 else f"{milliseconds:,.1f}"


def ratio(times: Times, slow: str, fast: str) -> float:
    """How many times as long one method takes as another: the median over the rounds."""
    return median(a / b for a, b in zip(times[slow], times[fast], strict=True))
