"""The log of alerts as people read it: every change, why, and why nobody was told."""

from collections.abc import Mapping, Sequence
from datetime import tzinfo

from kpi_pipeline.compute.messages import group_text
from kpi_pipeline.compute.numbers import format_minute, format_value
from kpi_pipeline.compute.silence import muted_text
from kpi_pipeline.compute.table import KpiTable, label
from kpi_pipeline.compute.told import Told
from kpi_pipeline.model.batch import Dims
from kpi_pipeline.model.episode import Episode, Mute, Phase, Transition

COLUMNS = ("when", "no.", "change", "value", "why", "nobody was told because")
Units = Mapping[str, str | None]
"""Unit by rule."""


def log_table(
    transitions: Sequence[Transition], zone: tzinfo, units: Units, *, left_out: int = 0
) -> KpiTable:
    """Changes in the order that they are given in."""
    return KpiTable(
        windows=COLUMNS,
        rows=tuple((label(t.rule, t.dims), _cells(t, zone, units)) for t in transitions),
        left_out=left_out,
    )


def standing(episode: Episode, zone: tzinfo, who: Told) -> str:
    """Where an alert stands that is not all right, and who knows of it, as a sentence."""
    level = f" ({episode.level.value})" if episode.phase is Phase.FIRING else ""
    since = f" since {format_minute(episode.since, zone)}" if episode.since else ""
    taken = episode.acknowledged
    took = f", acknowledged {format_minute(taken, zone)}" if taken else ""
    name = label(episode.rule, episode.dims)
    return f"{name} is {episode.phase.value}{level}{since}{_knowing(who)}{took}"


def _knowing(who: Told) -> str:
    told = f", told {', '.join(who.told)}" if who.told else ""
    waits = f", a message to {', '.join(who.waiting)} waits" if who.waiting else ""
    failed = f", {', '.join(who.failed)} not reached" if who.failed else ""
    return f"{told}{waits}{failed}"


def silenced(mute: Mute, zone: tzinfo) -> str:
    """A mute, as a sentence."""
    return f"{mute.rule} is {muted_text(mute, zone)}"


def groups_named(text: str, episodes: Sequence[Episode]) -> list[Dims]:
    """The groups among some episodes that a person means by a text: its values, with commas.

    >>> groups_named("DELI", [])
    []
    """
    return [episode.dims for episode in episodes if group_text(episode.dims) == text]


def _cells(item: Transition, zone: tzinfo, units: Units) -> tuple[str, ...]:
    level = f" {item.level.value}" if item.after is Phase.FIRING else ""
    same = item.before is item.after
    change = f"{item.after.value}{level}" if same else f"{item.before.value} -> {item.after.value}"
    return (
        format_minute(item.at, zone),
        str(item.number),
        change if same else f"{change}{level}",
        format_value(item.value, units.get(item.rule)),
        item.reason,
        item.suppressed,
    )
