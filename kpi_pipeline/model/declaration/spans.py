"""Lengths on the calendar as people write them: 60 minutes, 7 days, 3 months, 1 year."""

import re

from kpi_pipeline.model.declaration.durations import UNITS
from kpi_pipeline.model.declaration.nearest import did_you_mean
from kpi_pipeline.model.span import MINUTES_OF_A_DAY, Span

MONTHS = {
    "month": 1, "months": 1, "quarter": 3, "quarters": 3, "y": 12, "year": 12, "years": 12,
}  # fmt: skip
DAYS = {"d": 1, "day": 1, "days": 1, "w": 7, "week": 7, "weeks": 7}
SECONDS = {unit: size for unit, size in UNITS.items() if unit not in DAYS}
SHOWN = ("minutes", "hours", "days", "weeks", "months", "quarters", "years")
_FORM = re.compile(r"\s*([0-9]{1,9})\s*([a-z]+)\s*", re.ASCII)
CENTURY_MONTHS = 1200
CENTURY_DAYS = 36525


def parse_span(text: str) -> Span:
    """Read how long a window is; days and longer are counted on the local clock.

    Raises:
        ValueError: It is not one or more whole minutes, or longer than a century.

    >>> parse_span("2 weeks") == Span(days=14)
    True
    """
    count, unit = _read(text)
    if unit not in SECONDS:
        return _dated(text, count, unit)
    minutes, rest = divmod(count * SECONDS[unit], 60)
    if rest or not minutes:
        raise ValueError("must be one or more whole minutes")
    if minutes > CENTURY_DAYS * MINUTES_OF_A_DAY:
        raise ValueError(f"{text!r} is longer than a century")
    return Span(minutes=minutes)


def parse_offset(text: str) -> Span:
    """Read how far back to compare: whole days or longer, on the local clock.

    Raises:
        ValueError: It is not one or more whole days, or longer than a century.

    >>> parse_offset("1 quarter") == Span(months=3)
    True
    """
    count, unit = _read(text)
    if unit not in SECONDS:
        return _dated(text, count, unit)
    days, rest = divmod(count * SECONDS[unit], MINUTES_OF_A_DAY * 60)
    if rest:
        raise ValueError("must be one or more whole days, weeks, months or years, such as 7 days")
    return _calendar(text, days=days)


def _read(text: str) -> tuple[int, str]:
    match = _FORM.fullmatch(text.lower())
    if match is None:
        raise ValueError(
            f"{text[:40]!r} is not a length of time; write it like 60 minutes, 7 days or 3 months"
        )
    if match[2] not in {**MONTHS, **DAYS, **SECONDS}:
        raise ValueError(f"unknown unit {match[2][:40]!r}{did_you_mean(match[2], SHOWN)}")
    return int(match[1]), match[2]


def _dated(text: str, count: int, unit: str) -> Span:
    if unit in MONTHS:
        return _calendar(text, months=count * MONTHS[unit])
    return _calendar(text, days=count * DAYS[unit])


def _calendar(text: str, *, months: int = 0, days: int = 0) -> Span:
    if not months and not days:
        raise ValueError("must be one or more whole days, weeks, months or years, such as 7 days")
    if months > CENTURY_MONTHS or days > CENTURY_DAYS:
        raise ValueError(f"{text!r} is longer than a century")
    return Span(months=months, days=days)
