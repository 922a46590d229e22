"""Durations as people write them: 30s, 15m, 60 minutes, 7 days."""

import re
from datetime import timedelta

UNITS = {
    "s": 1, "sec": 1, "second": 1, "seconds": 1,
    "m": 60, "min": 60, "minute": 60, "minutes": 60,
    "h": 3600, "hour": 3600, "hours": 3600,
    "d": 86400, "day": 86400, "days": 86400,
    "w": 604800, "week": 604800, "weeks": 604800,
}  # fmt: skip
_FORM = re.compile(r"\s*(\d{1,9})\s*([a-z]+)\s*")
LONGEST = timedelta(days=36500)


def parse_duration(text: str) -> timedelta:
    """Read a duration of a whole number of units.

    Raises:
        ValueError: It is not one, or longer than a century.

    >>> parse_duration("60 minutes") == parse_duration("1h")
    True
    """
    match = _FORM.fullmatch(text.lower())
    if match is None or match[2] not in UNITS:
        raise ValueError(f"{text!r} is not a duration; write it like 30s, 15m, 2h or 7 days")
    seconds = int(match[1]) * UNITS[match[2]]
    if seconds > LONGEST.total_seconds():
        raise ValueError(f"{text!r} is longer than a century")
    return timedelta(seconds=seconds)


def format_duration(duration: timedelta) -> str:
    """The shortest whole-unit form: 15m, 2h, 7d, 90s.

    >>> format_duration(timedelta(minutes=15))
    '15m'
    """
    seconds = int(duration.total_seconds())
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds and seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"
