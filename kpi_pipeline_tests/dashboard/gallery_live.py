"""From a scene and a moment to what a board shows."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from kpi_pipeline.compute.judge import judge
from kpi_pipeline.compute.rules import declared_rules
from kpi_pipeline.compute.windows import Bounds, baseline_bounds, bounds
from kpi_pipeline.model.audit import Audit, Drift
from kpi_pipeline.model.batch import Dims, Grain
from kpi_pipeline.model.episode import Episode, Evidence, Mute, Phase, Verdict
from kpi_pipeline.model.live import Live
from kpi_pipeline.model.metric import Metric
from kpi_pipeline.model.moment import Interval
from kpi_pipeline.model.notice import Level
from kpi_pipeline.model.pulse import Life
from kpi_pipeline.model.snapshot import Reading, Snapshot
from kpi_pipeline.model.threshold import FRESHNESS, Against, Threshold
from kpi_pipeline.model.window import Window
from kpi_pipeline_tests.dashboard import figures
from kpi_pipeline_tests.dashboard.scenes import FELL, SAID, Scene

LEVELS = {"pending": Level.NONE, "warn": Level.WARN, "critical": Level.CRITICAL}
HOUR = timedelta(hours=1)


def live_of(
    scene: Scene,
    now: datetime,
    revision: int,
    episodes: tuple[Episode, ...],
    mutes: tuple[Mute, ...],
) -> Live:
    """What the board of a scene shows."""
    found = None if scene.empty else snapshot_of(scene, now - scene.look_age, revision)
    return Live(
        definition="3f2a9c0d11aa22bb",
        now=now,
        snapshot=found,
        verdicts=tuple(_verdicts(scene, found)) if found else (),
        episodes=episodes,
        mutes=mutes,
        audit=_audit(scene, now) if scene.audited else None,
        life=Life(
            published=None if scene.empty else scene.look_age + timedelta(seconds=1),
            looked=None if scene.empty else scene.look_age,
            failing=scene.look_age if scene.failing else None,
            why=scene.failing,
            looked_at=None if scene.empty else now - scene.look_age,
        ),
    )


def snapshot_of(scene: Scene, as_of: datetime, revision: int) -> Snapshot:
    """Every KPI as of a moment."""
    return Snapshot(
        pipeline=scene.spec.name,
        revision=revision,
        watermark=as_of - scene.row_age,
        as_of=as_of,
        computed_at=as_of,
        guarantee="exact",
        position="7",
        backlog_minutes=scene.backlog,
        future_rows=0,
        readings=tuple(_readings(scene, as_of)),
        filled=scene.filled,
    )


def value_over(scene: Scene, metric: Metric, span: Bounds) -> tuple[Decimal | None, int]:
    """A metric over an interval, and its rows."""
    start = span.start or figures.FIRST
    rows = figures.orders(start, span.end)
    if metric.name in scene.values:
        return scene.values[metric.name], rows
    if metric.name == "avg_order_value":
        return figures.average(start, span.end), rows
    counted = {"transaction_count": rows, "unique_users": rows * 3 // 4}.get(metric.name)
    return figures.revenue(start, span.end) if counted is None else Decimal(counted), rows


def groups_over(scene: Scene, metric: Metric, span: Bounds) -> dict[Dims, Decimal | None]:
    """The same by group; one without a name where there are none."""
    value, _ = value_over(scene, metric, span)
    if not metric.group_by:
        return {(): value}
    parts = figures.shares(value or Decimal(0), len(scene.groups))
    return {(name,): part for name, part in zip(scene.groups, parts, strict=True)}


def episodes_of(scene: Scene, now: datetime) -> tuple[Episode, ...]:
    """What is open in a scene."""
    return tuple(
        _episode(scene, rule, now)
        for rule in scene.spec.thresholds.values()
        if rule.name in scene.fires
    )


def _readings(scene: Scene, as_of: datetime) -> Iterator[Reading]:
    for metric in scene.spec.metrics.values():
        for window in scene.spec.windows.values():
            yield from _over(scene, metric, window, as_of)


def _over(scene: Scene, metric: Metric, window: Window, as_of: datetime) -> Iterator[Reading]:
    span = bounds(window, as_of, scene.spec.timezone)
    before = baseline_bounds(window, as_of, scene.spec.timezone)
    moved = before and Bounds(before.start, before.end)
    compared = groups_over(scene, metric, moved) if moved else {}
    falls = [rule for rule in scene.spec.thresholds.values() if rule.name in scene.fires]
    falls = [r for r in falls if (r.metric, r.window) == (metric.name, window.name)]
    fallen = {_dims(rule, scene) for rule in falls if rule.against is Against.PERCENT}
    so_far = Bounds(span.start, as_of)
    _, rows = value_over(scene, metric, so_far)
    for dims, value in groups_over(scene, metric, so_far).items():
        yield Reading(
            metric=metric.name,
            window=window.name,
            dims=dims,
            value=value,
            rows=rows,
            unit=metric.unit,
            start=span.start,
            end=span.end,
            baseline=_before(value) if dims in fallen else compared.get(dims),
            building=metric.name in scene.filled and window.name != "today",
        )


def _before(value: Decimal | None) -> Decimal | None:
    """What a group sold before it fell."""
    return value and (value / FELL).quantize(figures.CENT)


def _verdicts(scene: Scene, found: Snapshot) -> Iterator[Verdict]:
    for rule in declared_rules(scene.spec):
        if rule.metric == FRESHNESS:
            continue
        for reading in found.find(rule.metric, rule.window):
            yield _verdict(scene, rule, reading)


def _verdict(scene: Scene, rule: Threshold, reading: Reading) -> Verdict:
    fired = scene.fires.get(rule.name) if reading.dims == _dims(rule, scene) else None
    level = LEVELS[fired] if fired else Level.NONE
    missing = reading.value is None or reading.building
    phase = {None: Phase.OK, "pending": Phase.PENDING}.get(fired, Phase.FIRING)
    seen = Evidence.BREACH if fired else Evidence.MISSING if missing else Evidence.CLEAR
    found = judge(rule, reading)
    usual = rule.critical_below or rule.warn_below or rule.critical_above or rule.warn_above
    bound = found.bound or usual
    return Verdict(
        rule=rule.name,
        dims=reading.dims,
        evidence=seen,
        level=level,
        value=found.value,
        bound=bound,
        reason=f"{rule.metric} is past {bound}" if fired else "as it should be",
        phase=phase,
    )


def _dims(rule: Threshold, scene: Scene) -> Dims:
    return (scene.groups[1],) if rule.group_by or rule.name == "type_falls" else ()


def _episode(scene: Scene, rule: Threshold, now: datetime) -> Episode:
    fired = scene.fires[rule.name]
    firing = fired != "pending"
    return Episode(
        rule=rule.name,
        dims=_dims(rule, scene),
        definition=rule.definition,
        phase=Phase.FIRING if firing else Phase.PENDING,
        level=LEVELS[fired],
        notified=LEVELS[fired],
        told=("log", "slack") if firing else (),
        number=3,
        since=now - HOUR,
        looks=60,
        peak=SAID[rule.name][1] if firing else None,
        notified_at=now - HOUR if firing else None,
        acknowledged=now - HOUR / 2 if scene.taken and firing else None,
    )


def _audit(scene: Scene, now: datetime) -> Audit:
    at = now - timedelta(minutes=4)
    drift = Drift(
        grain=Grain.MINUTE,
        bucket=at - HOUR,
        end=at - HOUR + timedelta(minutes=1),
        metric="total_revenue",
        dims=(),
        state=Decimal("10.00"),
        source=Decimal("22.50"),
        state_rows=1,
        source_rows=2,
    )
    return Audit(
        at=at,
        interval=Interval(at - 48 * HOUR, at),
        complete=True,
        all_history=False,
        buckets=28_800,
        rows=15_000,
        pending=0,
        drifted=scene.drifted,
        drifts=(drift,) if scene.drifted else (),
        difference={"total_revenue": Decimal("-12.50")} if scene.drifted else {},
        queued=scene.drifted,
    )
