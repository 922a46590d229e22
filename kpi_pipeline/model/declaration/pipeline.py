"""A whole declaration: the attributes of one `defs.yaml`."""

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

from kpi_pipeline.model.declaration.audits import parse_audit
from kpi_pipeline.model.declaration.failures import parse_failures
from kpi_pipeline.model.declaration.metrics import NAME, parse_metrics
from kpi_pipeline.model.declaration.nearest import did_you_mean
from kpi_pipeline.model.declaration.section import Section, shown
from kpi_pipeline.model.declaration.spans import parse_offset
from kpi_pipeline.model.declaration.thresholds import parse_freshness, parse_thresholds
from kpi_pipeline.model.declaration.told import parse_owners
from kpi_pipeline.model.declaration.windows import parse_windows
from kpi_pipeline.model.errors import CursorError
from kpi_pipeline.model.metric import SimpleMetric
from kpi_pipeline.model.moment import EARLIEST, LATEST, parse_moment
from kpi_pipeline.model.spec import PipelineSpec, SourceTable

KEYS = (
    "timezone", "source", "every", "start", "metrics", "windows", "thresholds",
    "freshness", "audit", "keep_minutes", "owners", "failures",
)  # fmt: skip
TABLE = re.compile(r"[^.\"\x00]{1,63}(\.[^.\"\x00]{1,63})?")
COLUMN = re.compile(r"[^\"\x00]{1,63}")
SHORTEST = timedelta(seconds=30)
LONGEST_NAME = 64
FIRST_START = EARLIEST + timedelta(days=1)
"""Its local day then begins within time itself in every zone."""
KEEP_MINUTES = timedelta(days=8)
"""So that each minute of today stands beside the same one a week ago."""
DEFAULT_START = datetime(2000, 1, 1, tzinfo=UTC)


def parse_spec(name: str, attributes: object) -> PipelineSpec:
    """Check a declaration and everything that it refers to within itself.

    Args:
        name: The pipeline's name; the folder of its `defs.yaml`.
        attributes: The mapping under `attributes:`.

    Raises:
        SpecError: The first fault, with the path of its key.
    """
    top = Section(attributes, ())
    top.only(*KEYS)
    if not NAME.fullmatch(name):
        raise top.error(f"the folder name {name!r} must be lower case letters, digits and _")
    metrics = parse_metrics(top.section("metrics"))
    windows = parse_windows(top.section("windows"))
    owners = parse_owners(top.section("owners"))
    for metric in metrics.values():
        if isinstance(metric, SimpleMetric):
            own = top.section("metrics").section(metric.name)
            _check_columns(metric.group_by, own, "group_by")
    audit = parse_audit(top.section("audit"), owners)
    rules = parse_thresholds(
        top.section("thresholds"), metrics, windows, owners, drift_is_told=bool(audit.notify)
    )
    freshness = parse_freshness(top.section("freshness"), owners)
    return PipelineSpec(
        name=name,
        timezone=_timezone(top) or ZoneInfo("UTC"),
        source=_source(top.section("source")),
        every=_every(top),
        start=_start(top),
        metrics=metrics,
        windows=windows,
        thresholds=rules,
        freshness=freshness,
        failures=parse_failures(top.section("failures"), freshness, rules),
        audit=audit,
        keep_minutes=_keep_minutes(top),
    )


def _timezone(top: Section) -> ZoneInfo | None:
    if not top.has("timezone"):
        return None
    key, known = top.text("timezone"), available_timezones()
    if key not in known:
        near = did_you_mean(key, known) if len(key) < LONGEST_NAME else ""
        hint = near if "mean" in near else " (write it like America/New_York)"
        raise top.error(f"unknown time zone {key!r}{hint}", "timezone")
    return ZoneInfo(key)


def _source(section: Section) -> SourceTable:
    section.only("table", "key", "agg_time_dimension", "lookback", "timezone")
    table, event_time = section.text("table"), section.text("agg_time_dimension")
    key = section.text("key") if section.has("key") else None
    if not TABLE.fullmatch(table):
        raise section.error(f"{table!r} is not a table name, such as public.transactions", "table")
    _check_columns((event_time,), section, "agg_time_dimension")
    _check_columns(() if key is None else (key,), section, "key")
    lookback = section.duration("lookback", timedelta(minutes=15))
    return SourceTable(
        table=table,
        key=key,
        event_time=event_time,
        lookback=lookback,
        timezone=_timezone(section),
    )


def _check_columns(names: tuple[str, ...], section: Section, key: str) -> None:
    for name in names:
        if not COLUMN.fullmatch(name):
            raise section.error(f"{name!r} is not a column name", key)


def _every(top: Section) -> timedelta:
    every = top.duration("every", timedelta(minutes=1))
    if every < SHORTEST:
        raise top.error("must be 30s or longer", "every")
    return every


def _keep_minutes(top: Section) -> timedelta:
    if not top.has("keep_minutes"):
        return KEEP_MINUTES
    return timedelta(days=top.parsed("keep_minutes", parse_offset).most_days)


def _start(top: Section) -> datetime:
    """YAML reads an unquoted date as one; text and dates are both welcome."""
    raw = top.raw.get("start")
    if raw is None:
        return DEFAULT_START
    text = raw.isoformat() if isinstance(raw, date) else shown(raw).strip("'")
    try:
        moment = parse_moment(text)
    except CursorError:
        raise top.error(f"{text!r} is not a date; write it like 2000-01-01", "start") from None
    if not FIRST_START <= moment <= LATEST:
        raise top.error("must lie between 0001-01-03 and 9999-12-30", "start")
    return moment
