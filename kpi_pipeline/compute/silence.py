"""Why nobody is told of a rule at a moment, although it goes on judging."""

from collections.abc import Container
from datetime import datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from kpi_pipeline.compute.numbers import format_age, format_minute
from kpi_pipeline.model.batch import Dims
from kpi_pipeline.model.declaration.active import active_text
from kpi_pipeline.model.episode import Mute
from kpi_pipeline.model.snapshot import Reading, Snapshot
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.model.surroundings import Surroundings
from kpi_pipeline.model.threshold import Active, Threshold

OLDEST = timedelta(hours=1)
"""A snapshot of a look longer ago says what was, not what is.

One clock tells how long ago that was: the source's, which rules go by, may be far off."""
NO_DATA = ".no_data"
"""Ends the names of the rules that `stale_for` makes."""
Firing = Container[tuple[str, Dims]]


def silence(
    rule: Threshold,
    reading: Reading,
    spec: PipelineSpec,
    snapshot: Snapshot,
    around: Surroundings,
    firing: Firing,
) -> str:
    """Why nobody may be told of a rule and group now; '' if somebody may.

    Args:
        rule: What is judged.
        reading: What it is judged by.
        spec: Of the pipeline.
        snapshot: With its clocks.
        around: With the mutes, and the age of the look.
        firing: Rules and groups that fire as of this snapshot.
    """
    age = around.look_age
    return (
        _muted(rule, snapshot.computed_at, around, spec.timezone)
        or ("history in its window is being folded again" if reading.refolding else "")
        or (f"the last look was {format_age(age)} ago" if age > OLDEST else "")
        or _inactive(rule.active, snapshot.as_of, spec.timezone)
        or _inhibited(rule, reading.dims, spec, firing)
    )


def muted_text(mute: Mute, zone: tzinfo) -> str:
    """Until when, and what whoever muted it said."""
    said = ", ".join(word for word in (mute.by, mute.why) if word)
    return f"muted until {format_minute(mute.until, zone)}" + (f" ({said})" if said else "")


def is_active(active: Active, as_of: datetime, zone: ZoneInfo) -> bool:
    """Whether a moment lies in the hours, by the clock on the wall.

    An hour that clocks leave out is in no day, and one that they show twice is twice in one.
    """
    local = as_of.astimezone(zone)
    shown, day = local.time(), local.weekday()
    if active.start < active.end:
        return active.start <= shown < active.end and day in active.days
    yesterday = (day - 1) % 7
    return (shown >= active.start and day in active.days) or (
        shown < active.end and yesterday in active.days
    )


def _muted(rule: Threshold, now: datetime, around: Surroundings, zone: ZoneInfo) -> str:
    name = rule.name.removesuffix(NO_DATA)
    for mute in around.mutes:
        if mute.rule in (name, rule.name) and now < mute.until:
            return muted_text(mute, zone)
    return ""


def _inactive(active: Active | None, as_of: datetime, zone: ZoneInfo) -> str:
    if active is None or is_active(active, as_of, zone):
        return ""
    return f"outside its active hours ({active_text(active)})"


def _inhibited(rule: Threshold, dims: Dims, spec: PipelineSpec, firing: Firing) -> str:
    for name in rule.inhibited_by:
        same = _columns(spec, name) == _columns(spec, rule.name.removesuffix(NO_DATA))
        if (name, ()) in firing or (same and (name, dims) in firing):
            return f"inhibited by {name}"
    return ""


def _columns(spec: PipelineSpec, name: str) -> tuple[str, ...]:
    """Of what a rule's groups are values; two rules' groups are the same only where these are."""
    rule = spec.thresholds.get(name)
    return () if rule is None else tuple(spec.metrics[rule.metric].group_by)
