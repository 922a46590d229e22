"""The `windows:` section."""

from collections.abc import Mapping

from kpi_pipeline.model.declaration.metrics import NAME
from kpi_pipeline.model.declaration.reach import parse_reach
from kpi_pipeline.model.declaration.section import Section
from kpi_pipeline.model.declaration.spans import parse_offset
from kpi_pipeline.model.span import Span
from kpi_pipeline.model.window import Reach, Window


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
    reach = parse_reach(section)
    window = Window(
        name=name,
        grain_to_date=reach.grain_to_date,
        trailing=reach.trailing,
        offset=_offset(section) if section.has("compare") else None,
    )
    if window.offset is not None and reach == Reach():
        raise section.error("a lifetime has nothing to compare with", "compare")
    return window


def _offset(section: Section) -> Span:
    compare = section.section("compare")
    compare.only("offset_window")
    if not compare.has("offset_window"):
        raise compare.error(
            "must be one or more whole days, weeks, months or years, such as 7 days",
            "offset_window",
        )
    return compare.parsed("offset_window", parse_offset)
