"""The `windows:` section."""

from collections.abc import Mapping
from datetime import timedelta

from kpi_pipeline.model.declaration.metrics import NAME
from kpi_pipeline.model.declaration.nearest import did_you_mean
from kpi_pipeline.model.declaration.section import Section
from kpi_pipeline.model.moment import MINUTE
from kpi_pipeline.model.window import ToDate, Window

DAY = timedelta(days=1)


def parse_windows(section: Section) -> Mapping[str, Window]:
    """Read all windows; `{}` is lifetime.

    Raises:
        SpecError: Names the window and what is wrong with it.
    """
    windows = {name: _window(name, item) for name, item in section.sections()}
    if not windows:
        raise section.error("declare at least one window, such as `lifetime: {}`")
    return windows


def _window(name: str, section: Section) -> Window:
    section.only("grain_to_date", "window", "compare")
    if not NAME.fullmatch(name):
        raise section.error("a name is lower case letters, digits and _, at most 63 of them")
    if section.has("grain_to_date") and section.has("window"):
        raise section.error("is either grain_to_date or window, not both")
    window = Window(
        name=name,
        grain_to_date=_grain(section) if section.has("grain_to_date") else None,
        trailing=_trailing(section) if section.has("window") else None,
        offset_days=_offset(section) if section.has("compare") else None,
    )
    if window.offset_days and window.grain_to_date is None and window.trailing is None:
        raise section.error("a lifetime has nothing to compare with", "compare")
    return window


def _grain(section: Section) -> ToDate:
    word = section.text("grain_to_date")
    if word not in list(ToDate):
        hint = did_you_mean(word, ToDate)
        raise section.error(f"unknown period {word!r}{hint}", "grain_to_date")
    return ToDate(word)


def _trailing(section: Section) -> timedelta:
    length = section.duration("window", MINUTE)
    if length < MINUTE or length % MINUTE:
        raise section.error("must be one or more whole minutes", "window")
    return length


def _offset(section: Section) -> int:
    compare = section.section("compare")
    compare.only("offset_window")
    offset = compare.duration("offset_window", timedelta(0))
    if offset < DAY or offset % DAY:
        raise compare.error("must be one or more whole days, such as 7 days", "offset_window")
    return offset.days
