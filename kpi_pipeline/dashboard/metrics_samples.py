"""The samples of one pipeline; what is not known has none, rather than a zero."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from math import isfinite

from kpi_pipeline.dashboard.metrics_groups import MOST_GROUPS, group_label, largest
from kpi_pipeline.model.audit import Audit
from kpi_pipeline.model.batch import Dims
from kpi_pipeline.model.episode import Evidence, Phase
from kpi_pipeline.model.live import Live
from kpi_pipeline.model.notice import Level
from kpi_pipeline.model.pulse import Life
from kpi_pipeline.model.snapshot import Reading, Snapshot

STATES = {Phase.OK: 0, Phase.PENDING: 1, Phase.FIRING: 2}
"""What `kpi_alert_state` says of a phase."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One number: its family, its labels after `pipeline`, its value."""

    name: str
    labels: tuple[str, ...]
    value: float


def samples(live: Live) -> Iterator[Sample]:
    """Everything that there is to tell of a pipeline whose state could be read."""
    if live.snapshot is not None:
        yield from _of_snapshot(live.snapshot, live.definition)
        yield from _of_readings(live.snapshot)
    yield from _of_alerts(live)
    yield from _of_life(live.life)
    if live.audit is not None:
        yield from _of_audit(live.audit)


def _of_snapshot(snapshot: Snapshot, definition: str) -> Iterator[Sample]:
    yield Sample("kpi_snapshot_info", (snapshot.guarantee, definition), 1)
    yield Sample("kpi_revision", (), snapshot.revision)
    yield Sample("kpi_as_of_timestamp_seconds", (), snapshot.as_of.timestamp())
    yield Sample("kpi_computed_timestamp_seconds", (), snapshot.computed_at.timestamp())
    if snapshot.watermark is not None:
        yield Sample("kpi_watermark_timestamp_seconds", (), snapshot.watermark.timestamp())
    yield Sample("kpi_backlog_buckets", (), snapshot.backlog_minutes)
    yield Sample("kpi_future_rows", (), snapshot.future_rows)
    for metric, percent in snapshot.filled.items():
        yield Sample("kpi_building_ratio", (metric,), percent / 100)


def _of_readings(snapshot: Snapshot) -> Iterator[Sample]:
    by_metric = sorted(snapshot.readings, key=lambda reading: reading.metric)
    for metric, found in groupby(by_metric, key=lambda reading: reading.metric):
        readings = tuple(found)
        groups, others = largest(readings)
        if others:
            yield Sample("kpi_groups_left_out", (metric,), others)
        for reading in readings:
            if reading.dims in groups and not reading.building:
                yield from _of_reading(reading)


def _of_reading(reading: Reading) -> Iterator[Sample]:
    labels = (reading.metric, reading.window, reading.unit or "", group_label(reading.dims))
    yield Sample("kpi_rows", labels, reading.rows)
    for name, exact in (("kpi_value", reading.value), ("kpi_baseline", reading.baseline)):
        value = _number(exact)
        if value is not None:
            yield Sample(name, labels, value)


def _of_alerts(live: Live) -> Iterator[Sample]:
    found: dict[str, dict[Dims, tuple[Phase, Level]]] = {}
    for verdict in live.verdicts:
        groups = found.setdefault(verdict.rule, {})
        if verdict.evidence is not Evidence.MISSING:
            groups[verdict.dims] = (Phase.OK, Level.NONE)
    for episode in live.episodes:
        groups = found.setdefault(episode.rule, {})
        groups[episode.dims] = (episode.phase, episode.level)
    for rule, groups in found.items():
        yield from _of_rule(rule, groups)
    for mute in live.mutes:
        yield Sample("kpi_alert_muted", (mute.rule,), 1)


def _of_rule(rule: str, groups: dict[Dims, tuple[Phase, Level]]) -> Iterator[Sample]:
    def worst_first(dims: Dims) -> tuple[int, int, str]:
        phase, level = groups[dims]
        return -STATES[phase], -level.rank, group_label(dims)

    ranked = sorted(groups, key=worst_first)
    for dims in ranked[:MOST_GROUPS]:
        phase, level = groups[dims]
        yield Sample("kpi_alert_state", (rule, group_label(dims), level.value), STATES[phase])
    if len(ranked) > MOST_GROUPS:
        yield Sample("kpi_alert_groups_left_out", (rule,), len(ranked) - MOST_GROUPS)


def _of_life(life: Life) -> Iterator[Sample]:
    if life.looked_at is not None:
        yield Sample("kpi_checked_timestamp_seconds", (), life.looked_at.timestamp())
    yield Sample("kpi_failing_seconds", (), life.failing.total_seconds() if life.failing else 0)


def _of_audit(audit: Audit) -> Iterator[Sample]:
    yield Sample("kpi_proof_timestamp_seconds", (), audit.at.timestamp())
    yield Sample("kpi_proof_drifted_values", (), audit.drifted)


def _number(exact: Decimal | None) -> float | None:
    """Nearest float; None for none, and for what is no number, or one with four hundred digits."""
    if exact is None or not isfinite(value := float(exact)):
        return None
    return value
