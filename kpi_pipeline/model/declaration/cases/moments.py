"""Moments of a test case: business time, unless they say otherwise."""

from datetime import datetime
from zoneinfo import ZoneInfo

from kpi_pipeline.model.errors import CursorError
from kpi_pipeline.model.moment import parse_moment


def business_moment(text: str, zone: ZoneInfo) -> datetime:
    """Read a moment, which without an offset is on the clocks of the zone.

    Raises:
        ValueError: It is not one, or those clocks show it twice or never.

    >>> business_moment("2026-03-01 12:30", ZoneInfo("America/New_York")).isoformat()
    '2026-03-01T17:30:00+00:00'
    """
    try:
        moment = parse_moment(text, zone)
    except CursorError:
        raise ValueError(f"{text!r} is not a moment; write it like 2026-03-01 12:30") from None
    plain = datetime.fromisoformat(text.strip())
    if plain.tzinfo is None:
        _once(plain, zone)
    return moment


def _once(plain: datetime, zone: ZoneInfo) -> None:
    early, late = (plain.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    before, after = early.utcoffset(), late.utcoffset()
    if before is None or after is None or before == after:
        return
    # Where clocks are set forward the earlier reading has the smaller offset, and none is shown.
    times = "never" if before < after else "twice"
    raise ValueError(
        f"clocks in {zone.key} show {plain} {times}; give the offset, such as {early} or {late}"
    )
