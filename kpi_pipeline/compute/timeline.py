"""A timeline of alerts as a picture: an SVG, written by hand, that needs no library to show."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from html import escape
from zoneinfo import ZoneInfo

from kpi_pipeline.compute.calendar import day_start
from kpi_pipeline.compute.numbers import format_minute
from kpi_pipeline.compute.spells import Spell, lanes
from kpi_pipeline.compute.table import label
from kpi_pipeline.model.notice import Level, clip

WIDTH, LANE, TOP, LEFT, RIGHT = 1000, 26, 46, 220, 20
LEAST = 2.0
MOST_DAYS = 12
MARGIN = 32
"""Letters that fit beside the lanes."""
COLORS = {Level.WARN: "#d9902f", Level.CRITICAL: "#c0392b"}
STYLE = "text{font:12px system-ui,sans-serif;fill:#333}.t{fill:#888}.g{stroke:#ddd}"


def timeline_svg(
    found: Sequence[Spell], since: datetime, until: datetime, zone: ZoneInfo, title: str
) -> str:
    """The picture: a lane an alert; what still fires reaches its right edge."""
    lanes_ = lanes(found)
    height = TOP + LANE * max(len(lanes_), 1) + 12
    scale = _Scale(since, until)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">',
        f"<title>{escape(title)}</title><style>{STYLE}</style>",
        f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>',
        f'<text x="10" y="18">{escape(title)}</text>',
        *_days(scale, zone, height),
    ]
    for place, (key, spells) in enumerate(lanes_.items()):
        y = TOP + LANE * place
        parts.append(f'<text x="10" y="{y + 16}">{escape(clip(label(*key), MARGIN))}</text>')
        parts += [bar for spell in spells for bar in _bars(spell, scale, y, zone)]
    if not lanes_:
        parts.append(f'<text x="{LEFT}" y="{TOP + 16}">nothing fired</text>')
    return "\n".join([*parts, "</svg>\n"])


class _Scale:
    """From moments to places."""

    def __init__(self, since: datetime, until: datetime) -> None:
        self.since, self.until = since, until
        self.length = max(until - since, timedelta(minutes=1))

    def x(self, moment: datetime) -> float:
        inside = min(max(moment, self.since), self.until)
        return LEFT + (WIDTH - LEFT - RIGHT) * ((inside - self.since) / self.length)


def _days(scale: _Scale, zone: ZoneInfo, height: int) -> list[str]:
    """A line a day, or one every few days."""
    step = max(1, -(-int(scale.length / timedelta(days=1)) // MOST_DAYS))
    lines, day = [], day_start(scale.since, zone, shift=1)
    while day <= scale.until:
        x = f"{scale.x(day):.1f}"
        lines.append(f'<line class="g" x1="{x}" x2="{x}" y1="{TOP - 8}" y2="{height - 8}"/>')
        shown = day.astimezone(zone).strftime("%m-%d")
        lines.append(f'<text class="t" x="{x}" y="{TOP - 12}">{shown}</text>')
        day = day_start(day, zone, shift=step)
    return lines


def _bars(spell: Spell, scale: _Scale, y: int, zone: ZoneInfo) -> list[str]:
    end = spell.end or scale.until
    rose = spell.rose or end
    pieces = ((spell.start, rose, Level.WARN), (rose, end, Level.CRITICAL))
    said = f"{format_minute(spell.start, zone)} {spell.why}"
    return [
        f'<rect x="{scale.x(start):.1f}" y="{y + 4}" height="16" rx="2" '
        f'width="{max(scale.x(stop) - scale.x(start), LEAST):.1f}" fill="{COLORS[level]}">'
        f"<title>{escape(f'{said} ({level.value})')}</title></rect>"
        for start, stop, level in pieces
        if start < stop or (level is spell.level and spell.start == end)
    ]
