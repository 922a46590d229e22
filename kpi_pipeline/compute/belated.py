"""One late notice in the place of a whole episode that nobody could be told of in time."""

from dataclasses import replace
from datetime import datetime, tzinfo

from kpi_pipeline.compute.messages import WORST
from kpi_pipeline.compute.numbers import format_age, format_minute
from kpi_pipeline.model.notice import LONGEST_TEXT, MOST_FACTS, Notice, clip

LONGEST_NAME = 60
WORSTS = (WORST, "Furthest", "Peak")
"""What the fact about the worst value is called, and was by earlier releases."""


def belated(ended: Notice, began: datetime, over: datetime, zone: tzinfo) -> Notice:
    """Tell a whole episode in the notice of its end: from when to when, and how bad it was.

    Args:
        ended: The notice of the end.
        began: When the episode fired.
        over: When it ended.
        zone: Business time.
    """
    span = _span(began, over, zone)
    peak = next((f", at worst {text}" for label, text in ended.facts if label in WORSTS), "")
    name = ended.headline.removeprefix(f"{ended.pipeline}: ")
    line = f"LATE {ended.level.value.upper()[:4]} {clip(name, LONGEST_NAME)} fired {span}{peak}"
    told = ("Told late", "no message could be sent meanwhile")
    why = (("Ended", ended.text.removeprefix("ENDED ")),) if ended.withdrawn else ()
    facts = (("Fired", span), told, *why, *ended.facts)
    return replace(ended, late=True, text=clip(line, LONGEST_TEXT), facts=facts[:MOST_FACTS])


def _span(began: datetime, over: datetime, zone: tzinfo) -> str:
    start, end = format_minute(began, zone), format_minute(over, zone)
    same_day = start[:10] == end[:10]
    name = over.astimezone(zone).tzname()
    return f"{start} to {end[11:] if same_day else end} {name} ({format_age(over - began)})"
