"""The schema of `windows:`, `thresholds:`, `freshness:`, `failures:` and `audit:`."""

from kpi_pipeline.model.declaration.active import DAY, HOURS
from kpi_pipeline.model.declaration.bounds import CHANGES, MILD
from kpi_pipeline.model.declaration.inhibited import RESERVED
from kpi_pipeline.model.declaration.schema.parts import (
    Json,
    duration,
    form,
    given,
    mapping,
    named,
    number,
    period,
    several,
    text,
    whenever,
    whole,
    word,
)
from kpi_pipeline.model.declaration.schema.routes import notify, repeat, told
from kpi_pipeline.model.window import ToDate

BOUNDS = {
    "below": "The same as warn_below.",
    "above": "The same as warn_above.",
    "warn_below": "A value below it is a warning.",
    "critical_below": "A value below it is critical.",
    "warn_above": "A value above it is a warning.",
    "critical_above": "A value above it is critical.",
    "clear_above": "A low alert ends above it only; the mildest low bound if not said.",
    "clear_below": "A high alert ends below it only; the mildest high bound if not said.",
}
OUTSIDE = "Outside of these two is a warning: the same as warn_below and warn_above."
STARTING = (
    "outside",
    "below",
    "above",
    "warn_below",
    "critical_below",
    "warn_above",
    "critical_above",
)
DAILY = r"^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$"


def windows() -> Json:
    """Every window by its name."""
    compare = mapping(
        "Compare with an earlier time.",
        ("offset_window",),
        offset_window=period("How much earlier: whole days, months or years.", "7 days", "1 year"),
    )
    window = mapping(
        "Which event times the KPIs look at. `{}` is a lifetime; all windows end now.",
        grain_to_date=word(
            "From the start of this period, in business time.",
            {period.value: f"Since the {period.value} began." for period in ToDate},
        ),
        window=period("The last so many whole minutes, days or months.", "60 minutes", "7 days"),
        compare=compare,
    )
    both, either = given("grain_to_date", "window"), [given("grain_to_date"), given("window")]
    rules = [{"not": both}, whenever(given("compare"), {"anyOf": either})]
    item = window | {"type": ["object", "null"], "allOf": rules}
    return named("The windows, each by a name.", item, least=1)


def thresholds() -> Json:
    """Every threshold by its name."""
    bounds = {key: number(meaning) for key, meaning in BOUNDS.items()}
    bounds["outside"] = {
        "description": OUTSIDE,
        "type": "array",
        "items": number("A bound."),
        "minItems": 2,
        "maxItems": 2,
        "examples": [[30, 90]],
    }
    rule = mapping(
        "When a KPI's value is somebody's problem.",
        ("metric", "window"),
        metric=text("The metric that is watched."),
        window=text("The window that it is watched over."),
        **bounds,
        **{"for": duration("How long it must last before anybody is told.", "5m")},
        min_count=whole("Fewer rows than this are no evidence."),
        change=word(
            "Hold the bounds against the change since the window's comparison.",
            dict(
                zip(
                    CHANGES,
                    ("Value less value then.", "In percent of the value then."),
                    strict=True,
                )
            ),
        ),
        keep_firing_for=duration("How long it must be healthy again before it ends.", "10m"),
        stale_for=duration("No value for this long is an alert of its own.", "30m"),
        active=_active(),
        inhibited_by=several("Rules beside whose alert this one is silent.", {"minLength": 1}),
        **told(),
    )
    twice = {"not": {"anyOf": [given("outside", key) for key in MILD]}}
    item = rule | {"anyOf": [given(key) for key in STARTING], "allOf": [twice]}
    node = named("The alerts, each by a name.", item)
    node["propertyNames"]["not"] = {"enum": list(RESERVED)}
    return node


def freshness() -> Json:
    """How old the newest row may be."""
    return mapping(
        "How old the newest row may be before the data counts as stale.",
        warn_after=duration("A warning after this long (15m).", "10m"),
        critical_after=duration("Critical after this long.", "1h"),
        **told(),
    )


def failures() -> Json:
    """When failing ticks and runs are told."""
    return mapping(
        "When ticks and runs that fail are somebody's problem.",
        after=duration("How long they must have failed (5m).", "5m"),
        notify=notify(),
        repeat=repeat(),
    )


def audit() -> Json:
    """When the state is held against the source."""
    return mapping(
        "When the numbers are held against the source; differences are mended and told.",
        every=duration("How often the recent past is (10m); divides an hour or a day.", "10m"),
        recent=duration("How far back that looks (48h).", "48h"),
        daily_at=form(
            "When all of history is, in business time ('03:30'); in quotes.", DAILY, "03:30"
        ),
        share=number(
            "The part of history that is looked at each day (1).", exclusiveMinimum=0, maximum=1
        ),
        **told(),
    )


def _active() -> Json:
    hours = form(
        "From when to when, in business time; in quotes.", f"^\\s*{HOURS}\\s*$", "08:00-20:00"
    )
    day = {"type": "string", "pattern": rf"^\s*{DAY}\s*(-\s*{DAY}\s*)?$"}
    days = several("On which days these hours begin.", day) | {"examples": [["mon-fri"]]}
    either = {"anyOf": [given("hours"), given("days")]}
    return mapping("When it may tell anybody; it watches always.", hours=hours, days=days) | either
