"""The `thresholds:` and `freshness:` sections."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal

from kpi_pipeline.model.declaration.metrics import NAME
from kpi_pipeline.model.declaration.nearest import did_you_mean
from kpi_pipeline.model.declaration.section import Section
from kpi_pipeline.model.metric import Metric
from kpi_pipeline.model.threshold import Freshness, Threshold
from kpi_pipeline.model.window import Window

CHANNELS = ("slack", "log")
RESERVED = "freshness"
BOUNDS = (
    "warn_below", "critical_below", "warn_above", "critical_above", "clear_above", "clear_below",
)  # fmt: skip
KEYS = ("metric", "window", "below", "above", *BOUNDS, "for", "min_count", "notify")


def parse_thresholds(
    section: Section, metrics: Mapping[str, Metric], windows: Mapping[str, Window]
) -> Mapping[str, Threshold]:
    """Read all thresholds; `below` and `above` alone mean warn.

    Raises:
        SpecError: An unknown metric, window or channel, or bounds that contradict.
    """
    return {name: _threshold(name, item, metrics, windows) for name, item in section.sections()}


def parse_freshness(section: Section) -> Freshness:
    """Read how old the newest row may be; a quarter of an hour if nothing is said.

    Raises:
        SpecError: The limits contradict.
    """
    section.only("warn_after", "critical_after", "notify")
    warn = section.duration("warn_after", timedelta(minutes=15))
    critical = section.duration("critical_after", warn) if section.has("critical_after") else None
    if critical is not None and critical < warn:
        raise section.error("must not be shorter than warn_after", "critical_after")
    return Freshness(warn_after=warn, critical_after=critical, notify=_channels(section))


def _threshold(
    name: str, section: Section, metrics: Mapping[str, Metric], windows: Mapping[str, Window]
) -> Threshold:
    section.only(*KEYS)
    if not NAME.fullmatch(name) or name == RESERVED:
        raise section.error("a name is lower case letters, digits and _, and not `freshness`")
    for key, known in (("metric", metrics), ("window", windows)):
        word = section.text(key)
        if word not in known:
            raise section.error(f"unknown {key} {word!r}{did_you_mean(word, known)}", key)
    metric, bounds = section.text("metric"), _bounds(section)
    threshold = Threshold(
        name=name,
        metric=metric,
        unit=metrics[metric].unit,
        window=section.text("window"),
        lasting=section.duration("for", timedelta(0)),
        min_count=section.whole("min_count", 0),
        notify=_channels(section),
        warn_below=bounds["warn_below"],
        critical_below=bounds["critical_below"],
        warn_above=bounds["warn_above"],
        critical_above=bounds["critical_above"],
        clear_above=bounds["clear_above"],
        clear_below=bounds["clear_below"],
    )
    _check_bounds(threshold, section)
    return threshold


def _bounds(section: Section) -> dict[str, Decimal | None]:
    bounds = {key: section.number(key) for key in BOUNDS}
    for plain in ("below", "above"):
        if section.has(plain):
            if bounds[f"warn_{plain}"] is not None:
                raise section.error(f"means warn_{plain}, which is given too", plain)
            bounds[f"warn_{plain}"] = section.number(plain)
    return bounds


def _check_bounds(rule: Threshold, section: Section) -> None:
    lows = [b for b in (rule.critical_below, rule.warn_below, rule.clear_above) if b is not None]
    highs = [b for b in (rule.clear_below, rule.warn_above, rule.critical_above) if b is not None]
    has_low = rule.critical_below is not None or rule.warn_below is not None
    has_high = rule.warn_above is not None or rule.critical_above is not None
    if not has_low and not has_high:
        raise section.error("needs a bound: below, above, warn_below, critical_above, ...")
    if lows != sorted(lows):
        raise section.error("low bounds must rise: critical_below <= warn_below <= clear_above")
    if highs != sorted(highs):
        raise section.error("high bounds must rise: clear_below <= warn_above <= critical_above")
    if (rule.clear_above is not None and not has_low) or (
        rule.clear_below is not None and not has_high
    ):
        raise section.error("a clear bound needs the bound that it clears")
    if has_low and has_high and max(lows) >= min(highs):
        raise section.error("low and high bounds overlap, so no value would be healthy")


def _channels(section: Section) -> tuple[str, ...]:
    names = section.names("notify")
    for name in names:
        if name not in CHANNELS:
            hint = did_you_mean(name, CHANNELS)
            raise section.error(f"unknown channel {name!r}{hint}", "notify")
    return tuple(dict.fromkeys(names))
