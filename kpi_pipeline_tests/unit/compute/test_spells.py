"""When alerts fired, as spells and as a picture."""

from datetime import timedelta
from decimal import Decimal
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

from kpi_pipeline.compute.spells import lanes, level_at, spells
from kpi_pipeline.compute.timeline import timeline_svg
from kpi_pipeline.model.episode import Phase, Transition
from kpi_pipeline.model.moment import MINUTE
from kpi_pipeline.model.notice import Level
from kpi_pipeline_tests.unit.builders import AS_OF

UTC_ZONE = ZoneInfo("UTC")


def change(
    minutes: int,
    after: Phase,
    level: Level = Level.NONE,
    *,
    rule: str = "low",
    why: str = "25 < 30",
) -> Transition:
    return Transition(
        rule=rule,
        dims=(),
        number=1,
        before=Phase.OK,
        after=after,
        level=level,
        value=Decimal(25),
        at=AS_OF + minutes * MINUTE,
        reason=why,
    )


LOG = [
    change(0, Phase.PENDING, Level.WARN),
    change(5, Phase.FIRING, Level.WARN),
    change(10, Phase.FIRING, Level.CRITICAL),
    change(12, Phase.FIRING, Level.CRITICAL),
    change(20, Phase.OK),
    change(30, Phase.PENDING, Level.WARN),
    change(31, Phase.OK),
    change(40, Phase.FIRING, Level.CRITICAL, rule="<other>", why="a & b"),
]


def test_a_spell_is_from_firing_to_its_end() -> None:
    first, second = spells(LOG)

    assert (first.start, first.rose, first.end) == tuple(
        AS_OF + minutes * MINUTE for minutes in (5, 10, 20)
    )
    assert (second.start, second.rose, second.end) == (second.start, second.start, None)
    assert [item.level for item in (first, second)] == [Level.CRITICAL, Level.CRITICAL]


def test_the_worst_of_an_interval_is_shown() -> None:
    low = lanes(spells(LOG))["low", ()]
    found = [
        level_at(low, AS_OF + start * MINUTE, AS_OF + (start + 5) * MINUTE)
        for start in (0, 5, 10, 15, 20)
    ]

    assert found == [Level.NONE, Level.WARN, Level.CRITICAL, Level.CRITICAL, Level.NONE]


def test_the_picture_is_xml_with_a_bar_for_each_level() -> None:
    svg = timeline_svg(spells(LOG), AS_OF, AS_OF + timedelta(days=40), UTC_ZONE, "a < b & c")

    root = ET.fromstring(svg)  # noqa: S314 - our own
    bars = [node for node in root if node.tag.endswith("rect") and node.get("rx")]
    assert [bar.get("fill") for bar in bars] == ["#d9902f", "#c0392b", "#c0392b"]
    assert "&lt;other&gt;" in svg
    assert "<script" not in svg


def test_a_picture_of_nothing_says_so() -> None:
    assert "nothing fired" in timeline_svg([], AS_OF, AS_OF, UTC_ZONE, "empty")
