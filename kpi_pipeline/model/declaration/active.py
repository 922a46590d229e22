"""The hours in which a rule speaks."""

import re
from datetime import time
from itertools import pairwise

from kpi_pipeline.model.declaration.nearest import did_you_mean
from kpi_pipeline.model.declaration.section import Section
from kpi_pipeline.model.threshold import Active

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY = f"({'|'.join(DAYS)})"
HOURS = r"([01][0-9]|2[0-3]):[0-5][0-9]\s*-\s*(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)"
MIDNIGHT = "24:00"
ALL_DAY = Active(start=time(), end=time())


def parse_active(section: Section) -> Active | None:
    """Read when a rule speaks; None where nothing is said.

    Raises:
        SpecError: No hours, no days, or words that are neither.
    """
    if not section.has("active"):
        return None
    own = section.section("active")
    own.only("hours", "days")
    if not own.has("hours") and not own.has("days"):
        raise section.error("needs hours, such as '08:00-20:00', or days", "active")
    start, end = own.parsed("hours", _hours) if own.has("hours") else (time(), time())
    days = _days(own) if own.has("days") else ALL_DAY.days
    return Active(start=start, end=end, days=days)


def active_text(active: Active) -> str:
    """As it would be declared.

    >>> active_text(Active(start=time(8), end=time(20), days=frozenset({0, 1, 2, 5})))
    '08:00-20:00 mon-wed, sat'
    """
    end = MIDNIGHT if active.end == time() else f"{active.end:%H:%M}"
    hours = "" if active.start == active.end == time() else f"{active.start:%H:%M}-{end}"
    days = "" if active.days == ALL_DAY.days else _ranges(sorted(active.days))
    return f"{hours} {days}".strip() or "always"


def _hours(text: str) -> tuple[time, time]:
    if not re.fullmatch(HOURS, text.strip()):
        raise ValueError(f"{text!r} is not from when to when; write it like '08:00-20:00'")
    start, end = (part.strip() for part in text.split("-"))
    if start == end:
        raise ValueError(f"{text!r} is empty: it ends when it begins")
    return time.fromisoformat(start), time() if end == MIDNIGHT else time.fromisoformat(end)


def _days(section: Section) -> frozenset[int]:
    found: set[int] = set()
    for word in section.names("days"):
        first, dash, last = (part.strip() for part in word.partition("-"))
        start, end = _day(section, first), _day(section, last if dash else first)
        found |= {(start + step) % 7 for step in range((end - start) % 7 + 1)}
    if not found:
        raise section.error("names no day, so nobody would ever be told", "days")
    return frozenset(found)


def _day(section: Section, word: str) -> int:
    if word not in DAYS:
        raise section.error(f"unknown day {word!r}{did_you_mean(word, DAYS)}", "days")
    return DAYS.index(word)


def _ranges(days: list[int]) -> str:
    breaks = [0, *(i + 1 for i, (a, b) in enumerate(pairwise(days)) if b - a > 1), len(days)]
    runs = [days[start:end] for start, end in pairwise(breaks)]
    named = (DAYS[run[0]] if len(run) == 1 else f"{DAYS[run[0]]}-{DAYS[run[-1]]}" for run in runs)
    return ", ".join(named)
