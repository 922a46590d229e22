"""What a sensor's cursor asks for: the operator's word against the committed watermarks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from kpi_pipeline.model.errors import CursorError
from kpi_pipeline.model.moment import parse_moment
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.model.state import Committed

A_FEW = 5
MOST = 500
SOME_TIME = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Rewind:
    """Fold again from a moment; None means from the beginning."""

    since: datetime | None


@dataclass(frozen=True, slots=True)
class Carry:
    """Go on from the committed position."""

    reason: str


@dataclass(frozen=True, slots=True)
class Refuse:
    """Change nothing: the text means nothing."""

    reason: str


def read_cursor(
    cursor: str | None, recent: Sequence[datetime], *, has_state: bool, zone: tzinfo = UTC
) -> Rewind | Carry | Refuse:
    """Decide what a cursor asks for.

    Args:
        cursor: The text in the sensor; None and '' are alike.
        recent: The last few committed watermarks, in any order.
        has_state: Whether the pipeline has folded anything yet.
        zone: The business time zone, for a text that names none.

    Returns:
        A rewind for an emptied or set-back cursor. A false alarm costs work, never truth,
        because folding replaces buckets.
    """
    text = (cursor or "").strip()
    if not text:
        return Rewind(None) if has_state else Carry("first start")
    try:
        moment = parse_moment(text, zone)
    except CursorError as error:
        return Refuse(f"{error}, or leave it empty to fold everything again")
    if not recent:
        return Carry("nothing was folded yet")
    if moment in recent:
        return Carry("cursor is a committed watermark")
    if moment > max(recent):
        return Carry("cursor is ahead of the committed watermark, which stands")
    return Rewind(moment)


def remember(
    recent: tuple[Committed, ...], watermark: datetime | None, as_of: datetime, spec: PipelineSpec
) -> tuple[Committed, ...]:
    """Add a committed watermark to those that a sensor may still hold as its cursor.

    Kept are the last few, and all of the last few ticks: one run may commit many. Before the
    first row the cursor is the declared start.
    """
    known = recent or (Committed(spec.start, as_of),)
    if watermark is not None and watermark not in {item.watermark for item in known}:
        known = (Committed(watermark, as_of), *known)
    oldest = as_of - max(3 * spec.every, SOME_TIME)
    return tuple(item for i, item in enumerate(known) if i < A_FEW or item.at >= oldest)[:MOST]
