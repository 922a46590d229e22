"""From the changes of alerts to spells: when each fired, how badly, and what was told."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from kpi_pipeline.model.batch import Dims
from kpi_pipeline.model.episode import Phase, Transition
from kpi_pipeline.model.notice import Level


@dataclass(frozen=True, slots=True, kw_only=True)
class Spell:
    """One time that an alert fired.

    Attributes:
        start: When it fired.
        rose: When it became critical; None if it never was.
        end: When it ended; None if it still fires.
        why: What was seen when it fired.
        silent: Why nobody was told at first; '' if somebody was.
    """

    rule: str
    dims: Dims
    start: datetime
    rose: datetime | None
    end: datetime | None
    why: str
    silent: str = ""

    @property
    def level(self) -> Level:
        """The worst that it was."""
        return Level.WARN if self.rose is None else Level.CRITICAL

    @property
    def key(self) -> tuple[str, Dims]:
        """Of the alert."""
        return self.rule, self.dims


def spells(transitions: Iterable[Transition]) -> list[Spell]:
    """Every time that some alert fired, in the order in which they began."""
    found: list[Spell] = []
    open_: dict[tuple[str, Dims], int] = {}
    for item in transitions:
        key = (item.rule, item.dims)
        if item.after is Phase.FIRING and key not in open_:
            open_[key] = len(found)
            found.append(_began(item))
        elif item.after is Phase.FIRING:
            place = open_[key]
            if item.level is Level.CRITICAL and found[place].rose is None:
                found[place] = replace(found[place], rose=item.at)
        elif key in open_:
            place = open_.pop(key)
            found[place] = replace(found[place], end=item.at)
    return found


def lanes(found: Sequence[Spell]) -> dict[tuple[str, Dims], list[Spell]]:
    """The spells of each alert that ever fired."""
    lanes_: dict[tuple[str, Dims], list[Spell]] = {}
    for spell in found:
        lanes_.setdefault(spell.key, []).append(spell)
    return lanes_


def level_at(found: Sequence[Spell], start: datetime, end: datetime) -> Level:
    """The worst level that one alert has within an interval."""
    worst = Level.NONE
    for spell in found:
        if spell.start < end and (spell.end is None or start < spell.end):
            critical = spell.rose is not None and spell.rose < end
            level = Level.CRITICAL if critical else Level.WARN
            worst = max(worst, level, key=lambda item: item.rank)
    return worst


def _began(item: Transition) -> Spell:
    return Spell(
        rule=item.rule,
        dims=item.dims,
        start=item.at,
        rose=item.at if item.level is Level.CRITICAL else None,
        end=None,
        why=item.reason,
        silent=item.suppressed,
    )
