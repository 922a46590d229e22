"""The `thresholds:` and `freshness:` sections."""

from collections.abc import Mapping
from datetime import timedelta

from kpi_pipeline.model.declaration.active import parse_active
from kpi_pipeline.model.declaration.bounds import BOUNDS, check_bounds, parse_against, parse_bounds
from kpi_pipeline.model.declaration.inhibited import RESERVED, check_inhibitions
from kpi_pipeline.model.declaration.metrics import NAME
from kpi_pipeline.model.declaration.nearest import did_you_mean
from kpi_pipeline.model.declaration.section import Section
from kpi_pipeline.model.declaration.told import KEYS as TOLD
from kpi_pipeline.model.declaration.told import Route, check_reach, parse_told
from kpi_pipeline.model.metric import Metric
from kpi_pipeline.model.threshold import Against, Freshness, Threshold
from kpi_pipeline.model.window import Window

KEYS = (
    "metric", "window", "below", "above", "outside", *BOUNDS, "change", "for", "keep_firing_for",
    "stale_for", "min_count", "active", "inhibited_by", *TOLD,
)  # fmt: skip
PERCENT = "%"


def parse_thresholds(
    section: Section,
    metrics: Mapping[str, Metric],
    windows: Mapping[str, Window],
    owners: Mapping[str, Route],
    *,
    drift_is_told: bool,
) -> Mapping[str, Threshold]:
    """Read all thresholds.

    Args:
        section: What is declared.
        metrics: What a rule may be about.
        windows: Over which.
        owners: Who may look after it.
        drift_is_told: Whether there is a rule about drift, which may silence others.

    Raises:
        SpecError: An unknown metric, window, rule, owner or channel, or words that contradict.
    """
    found = {
        name: _threshold(name, item, metrics, windows, owners) for name, item in section.sections()
    }
    check_inhibitions(section, found, drift_is_told=drift_is_told)
    return found


def parse_freshness(section: Section, owners: Mapping[str, Route]) -> Freshness:
    """Read how old the newest row may be; a quarter of an hour if nothing is said.

    Raises:
        SpecError: The limits contradict, or an unknown owner or channel.
    """
    section.only("warn_after", "critical_after", *TOLD)
    warn = section.duration("warn_after", timedelta(minutes=15))
    if not warn:
        raise section.error("must be longer than nothing", "warn_after")
    critical = section.duration("critical_after", warn) if section.has("critical_after") else None
    if critical is not None and critical < warn:
        raise section.error("must not be shorter than warn_after", "critical_after")
    told = parse_told(section, owners)
    check_reach(section, told, critical=critical is not None)
    return Freshness(
        warn_after=warn,
        critical_after=critical,
        repeat=told.repeat,
        owner=told.owner,
        runbook=told.runbook,
        notify=told.route.notify,
        notify_critical=told.route.critical,
    )


def _threshold(
    name: str,
    section: Section,
    metrics: Mapping[str, Metric],
    windows: Mapping[str, Window],
    owners: Mapping[str, Route],
) -> Threshold:
    section.only(*KEYS)
    if not NAME.fullmatch(name) or name in RESERVED:
        reserved = ", ".join(f"`{word}`" for word in RESERVED)
        raise section.error(f"a name is lower case letters, digits and _, and none of {reserved}")
    for key, known in (("metric", metrics), ("window", windows)):
        word = section.text(key)
        if word not in known:
            raise section.error(f"unknown {key} {word!r}{did_you_mean(word, known)}", key)
    metric, window = section.text("metric"), section.text("window")
    against, told = parse_against(section, windows[window]), parse_told(section, owners)
    threshold = Threshold(
        name=name,
        metric=metric,
        unit=PERCENT if against is Against.PERCENT else metrics[metric].unit,
        window=window,
        group_by=tuple(metrics[metric].group_by),
        lasting=section.duration("for", timedelta(0)),
        keep_firing=section.duration("keep_firing_for", timedelta(0)),
        stale_for=_stale_for(section),
        min_count=section.whole("min_count", 0),
        against=against,
        active=parse_active(section),
        inhibited_by=tuple(dict.fromkeys(section.names("inhibited_by"))),
        repeat=told.repeat,
        owner=told.owner,
        runbook=told.runbook,
        notify=told.route.notify,
        notify_critical=told.route.critical,
        **parse_bounds(section),
    )
    check_bounds(threshold, section)
    bounds = (threshold.critical_below, threshold.critical_above)
    check_reach(section, told, critical=bounds != (None, None))
    return threshold


def _stale_for(section: Section) -> timedelta | None:
    if not section.has("stale_for"):
        return None
    stale = section.duration("stale_for", timedelta(0))
    if not stale:
        raise section.error("must be longer than nothing", "stale_for")
    return stale
