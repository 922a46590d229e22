"""How far back a window begins: `grain_to_date` or `window`."""

from kpi_pipeline.model.declaration.nearest import did_you_mean
from kpi_pipeline.model.declaration.section import Section
from kpi_pipeline.model.declaration.spans import parse_span
from kpi_pipeline.model.window import Reach, ToDate


def parse_reach(section: Section) -> Reach:
    """Read `grain_to_date` or `window` of a mapping that may hold one of them.

    Raises:
        SpecError: Both are there, or one is wrong.
    """
    if section.has("grain_to_date") and section.has("window"):
        raise section.error("is either grain_to_date or window, not both")
    return Reach(
        grain_to_date=_grain(section) if section.has("grain_to_date") else None,
        trailing=section.parsed("window", parse_span) if section.has("window") else None,
    )


def _grain(section: Section) -> ToDate:
    word = section.text("grain_to_date")
    if word not in list(ToDate):
        hint = did_you_mean(word, ToDate)
        raise section.error(f"unknown period {word!r}{hint}", "grain_to_date")
    return ToDate(word)
