"""What a metric says of an estimate: of what, and how far from the exact number it may be."""

from decimal import Decimal

from kpi_pipeline.model.declaration.section import Section, shown
from kpi_pipeline.model.metric import (
    DEFAULT_ERROR,
    GREATEST_ERROR,
    LEAST_ERROR,
    Aggregation,
)

ESTIMATE_KEYS = ("approximate", "percentile", "relative_error")
PLACES = 9
"""Digits after the point, as many as the state keeps."""


def parse_percentile(section: Section, agg: Aggregation) -> Decimal | None:
    """A number above 0 and below 1, which the aggregation `percentile` needs and no other has."""
    _only_for(section, "percentile", agg, Aggregation.PERCENTILE)
    found = section.number("percentile")
    if agg is Aggregation.PERCENTILE and found is None:
        raise section.error("agg percentile needs a percentile, such as 0.95")
    if found is None:
        return None
    if not 0 < found < 1:
        hint = f"; did you mean {(found / 100).normalize():f}?" if 1 < found < 100 else ""  # noqa: PLR2004 - per cent
        message = f"must lie between 0 and 1, such as 0.95, not {shown(section.raw['percentile'])}"
        raise section.error(message + hint, "percentile")
    return _short(section, "percentile", found)


def parse_relative_error(section: Section, agg: Aggregation) -> Decimal | None:
    """The greatest error of a percentile's estimate; 1 % if nothing is said."""
    _only_for(section, "relative_error", agg, Aggregation.PERCENTILE)
    if agg is not Aggregation.PERCENTILE:
        return None
    found = section.number("relative_error")
    if found is None:
        return DEFAULT_ERROR
    if not LEAST_ERROR <= found <= GREATEST_ERROR:
        raise section.error(
            f"must lie between {LEAST_ERROR} and {GREATEST_ERROR}, "
            f"not {shown(section.raw['relative_error'])}",
            "relative_error",
        )
    return _short(section, "relative_error", found)


def parse_approximate(section: Section, agg: Aggregation) -> bool:
    """Whether a distinct count is estimated."""
    _only_for(section, "approximate", agg, Aggregation.COUNT_DISTINCT)
    found = section.raw.get("approximate", False)
    if found is not None and not isinstance(found, bool):
        raise section.error(f"must be true or false, not {shown(found)}", "approximate")
    return bool(found)


def _only_for(section: Section, key: str, agg: Aggregation, wanted: Aggregation) -> None:
    if section.has(key) and agg is not wanted:
        raise section.error(f"goes with agg {wanted.value} alone, not {agg.value}", key)


def _short(section: Section, key: str, number: Decimal) -> Decimal:
    if round(number, PLACES) != number:
        raise section.error(f"has more than {PLACES} digits after the point", key)
    return number
