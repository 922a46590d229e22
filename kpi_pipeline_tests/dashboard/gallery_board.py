"""Boards, a desk and a bell without a database: they show scenes."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from kpi_pipeline.compute.calendar import local_day, start_of
from kpi_pipeline.compute.explanation import Explanation, UnknownNameError, explanation
from kpi_pipeline.compute.windows import Bounds, earlier
from kpi_pipeline.model.batch import Dims
from kpi_pipeline.model.declaration.nearest import did_you_mean
from kpi_pipeline.model.episode import Episode, Mute, Phase, Transition
from kpi_pipeline.model.errors import RangeError, StateError
from kpi_pipeline.model.live import (
    AlertLog,
    Event,
    EventKind,
    Live,
    Point,
    Series,
    Tick,
    TickKind,
)
from kpi_pipeline.model.moment import floor_minute
from kpi_pipeline.model.notice import Level
from kpi_pipeline.model.snapshot import Snapshot
from kpi_pipeline.model.span import Span
from kpi_pipeline_tests.dashboard import figures
from kpi_pipeline_tests.dashboard.gallery_live import episodes_of, groups_over, live_of
from kpi_pipeline_tests.dashboard.scenes import Scene

MOST_POINTS = 1500
GRAINS = {
    "minute": timedelta(minutes=1),
    "five_minutes": timedelta(minutes=5),
    "hour": timedelta(hours=1),
}
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
FIRST_REVISION = 4711


class GalleryBell:
    """Rings when it is told to."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._rung: list[frozenset[str]] = []
        self.away = False

    def ring(self, *names: str) -> None:
        """Something was committed of these pipelines."""
        with self._changed:
            self._rung.append(frozenset(names))
            self._changed.notify_all()

    def rings(self, patience: float) -> Iterator[frozenset[str]]:
        """See the port; it has one listener."""
        if self.away:
            raise StateError("the state database: connection refused")
        yield frozenset()
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._rung or self.away, patience)
                rung, self._rung = self._rung, []
            if self.away:
                raise StateError("the state database: the server closed the connection")
            yield frozenset().union(*rung)


class GalleryBoard:
    """One scene; keeps the port's contract, with made-up figures."""

    def __init__(
        self, scene: Scene, bell: GalleryBell, clock: Callable[[], datetime] | None = None
    ) -> None:
        self.scene = scene
        self.spec = scene.spec
        self.bell = bell
        self.clock = clock or (lambda: datetime.now(UTC))
        self.revision = FIRST_REVISION
        self.away = False
        self.answered = 0
        self.episodes = episodes_of(scene, self.clock())
        self.mutes: tuple[Mute, ...] = ()
        if scene.muted:
            until = self.clock() + 2 * HOUR
            self.mutes = (Mute(rule="aov_low", until=until, why="deploy", by="ada"),)

    def commit(self) -> None:
        """Fold something and ring."""
        self.revision += 1
        self.bell.ring(self.spec.name)

    def live(self) -> Live:
        """See the port."""
        most = self.scene.fails_after
        self.away = self.away or (most is not None and self.answered >= most)
        self._require()
        self.answered += 1
        return live_of(self.scene, self.clock(), self.revision, self.episodes, self.mutes)

    def series(
        self,
        metric: str,
        grain: str,
        since: datetime,
        until: datetime,
        *,
        group: Dims = (),
        offset: Span | None = None,
    ) -> Series:
        """See the port."""
        self._require()
        found = self.spec.metrics.get(metric)
        if found is None:
            raise UnknownNameError(
                f"unknown metric {metric!r}{did_you_mean(metric, self.spec.metrics)}"
            )
        starts = list(self._starts(grain, since, until))
        names = (() if not found.group_by else tuple((name,) for name in self.scene.groups)) or (
            (),
        )
        if group not in names:
            raise UnknownNameError(f"no group {group!r} of {metric}")

        def points(back: tuple[Span, ...]) -> tuple[Point, ...]:
            moved = [earlier(at, back, self.spec.timezone) if back else at for at in starts]
            pairs = pairwise(moved)
            return tuple(self._point(metric, start, end, group) for start, end in pairs)

        return Series(
            metric=metric,
            dims=group,
            grain=grain,
            points=points(()),
            before=points((offset,)) if offset else (),
        )

    def explain(self, metric: str, window: str, group: Dims = ()) -> Explanation:
        """See the port."""
        return explanation(self.spec, self._snapshot(), metric, window, group=group)

    @contextmanager
    def rows(
        self, found: Explanation, leaf: int, most: int
    ) -> Iterator[tuple[Sequence[str], Iterator[Sequence[object]]]]:
        """See the port; each row is an order of ten, and one group's name is a formula."""
        self._require()
        named = found.leaves[leaf].metric.group_by
        start = found.span.start or figures.FIRST
        count = min(most, figures.orders(start, min(found.span.end, found.as_of)))
        made = (
            (n, found.span.end - n * timedelta(seconds=1), Decimal(10), *("=1+1" for _ in named))
            for n in range(1, count + 1)
        )
        yield ("transaction_id", "created_at", "value", *named), made

    def timeline(self, since: datetime, most: int) -> Sequence[Event]:
        """See the port."""
        self._require()
        now = self.clock()
        found = (
            Event(
                at=now - 20 * MINUTE,
                kind=EventKind.ALERT,
                level=Level.WARN,
                text="aov_low: 29.10 is below 30",
            ),
            Event(
                at=now - HOUR, kind=EventKind.CORRECTION, text="total_revenue: 3 late rows, +41.20"
            ),
            Event(at=now - 2 * HOUR, kind=EventKind.REWIND, text="rewound to 2026-11-01 by hand"),
            Event(at=now - 3 * HOUR, kind=EventKind.AUDIT, text="verified, difference 0"),
        )
        return [event for event in found if event.at >= since][:most]

    def ticks(self, most: int) -> Sequence[Tick]:
        """See the port."""
        self._require()
        now = self.clock() - self.scene.look_age
        return [self._tick(now - n * self.spec.every, n) for n in range(min(most, 60))]

    def alert_log(self, since: datetime, most: int) -> AlertLog:
        """See the port."""
        self._require()
        found = [
            Transition(
                rule=item.rule,
                dims=item.dims,
                number=item.number,
                before=Phase.PENDING,
                after=item.phase,
                level=item.level,
                value=Decimal("18.20"),
                at=item.since or self.clock(),
                reason="18.20 is below 20",
            )
            for item in self.episodes
        ]
        kept = [item for item in found if item.at >= since]
        runs = {(e.rule, e.dims): "https://dagster.example.com/runs/3f2a" for e in self.episodes}
        return AlertLog(count=len(kept), transitions=tuple(kept[:most]), runs=runs)

    def desk(self) -> "GalleryDesk":
        """See the port."""
        return GalleryDesk(self)

    def _require(self) -> None:
        if self.away:
            raise StateError("the state database: connection refused")

    def _snapshot(self) -> Snapshot:
        self._require()
        now = self.clock()
        found = live_of(self.scene, now, self.revision, self.episodes, self.mutes).snapshot
        if found is None:
            raise StateError(f"{self.spec.name} has not folded anything yet")
        return found

    def _starts(self, grain: str, since: datetime, until: datetime) -> Iterator[datetime]:
        """The bounds of the buckets."""
        if grain not in {*GRAINS, "day", "month"}:
            raise UnknownNameError(f"unknown grain {grain!r}")
        at, count = self._floor(grain, since), 0
        while at < until:
            yield at
            count += 1
            if count > MOST_POINTS:
                raise RangeError(f"more than {MOST_POINTS:,} points; ask for a coarser grain")
            at = at + GRAINS[grain] if grain in GRAINS else self._next(grain, at)
        yield at

    def _floor(self, grain: str, moment: datetime) -> datetime:
        if grain in GRAINS:
            minutes = int(GRAINS[grain] / MINUTE)
            floor = floor_minute(moment)
            return floor - timedelta(minutes=floor.minute % minutes)
        day = local_day(moment, self.spec.timezone)
        return start_of(day.replace(day=1) if grain == "month" else day, self.spec.timezone)

    def _next(self, grain: str, at: datetime) -> datetime:
        day = local_day(at, self.spec.timezone)
        later = day + timedelta(days=32 if grain == "month" else 1)
        return start_of(later.replace(day=1) if grain == "month" else later, self.spec.timezone)

    def _point(self, metric: str, start: datetime, end: datetime, group: Dims) -> Point:
        now = self.clock()
        if self.scene.empty or start >= now or end <= figures.FIRST:
            return Point(start, None, 0)
        span = Bounds(start, min(end, now))
        value = groups_over(self.scene, self.spec.metrics[metric], span).get(group)
        return Point(start, value, figures.orders(start, span.end))

    def _tick(self, at: datetime, n: int) -> Tick:
        kind = TickKind.FAILURE if self.scene.failing else TickKind.RUN if n % 3 else TickKind.LOOK
        return Tick(
            kind=kind,
            at=at,
            as_of=None if kind is TickKind.FAILURE else at,
            watermark=None if kind is TickKind.FAILURE else at - self.scene.row_age,
            rows=n * 7 if kind is TickKind.RUN else 0,
            reason=self.scene.failing or "no changed rows; newest row 4 s old, guarantee exact",
        )


class GalleryDesk:
    """What people do changes the board."""

    def __init__(self, board: GalleryBoard) -> None:
        self.board = board

    def now(self) -> datetime:
        """See the port."""
        return self.board.clock()

    def episodes(self) -> Sequence[Episode]:
        """See the port."""
        self.board._require()  # noqa: SLF001 - two halves of one fake
        return self.board.episodes

    def transitions(
        self, since: datetime, rules: Sequence[str] | None, most: int
    ) -> tuple[int, tuple[Transition, ...]]:
        """See the port."""
        found = self.board.alert_log(since, most)
        kept = tuple(t for t in found.transitions if rules is None or t.rule in rules)
        return len(kept), kept

    def mutes(self) -> tuple[Mute, ...]:
        """See the port."""
        return tuple(mute for mute in self.board.mutes if mute.until > self.now())

    def mute(self, mute: Mute) -> None:
        """See the port."""
        self.unmute(mute.rule)
        self.board.mutes = (*self.board.mutes, mute)

    def unmute(self, rule: str) -> bool:
        """See the port."""
        before = self.board.mutes
        self.board.mutes = tuple(mute for mute in before if mute.rule != rule)
        return self.board.mutes != before

    def acknowledge(self, seen: Episode, why: str) -> bool:
        """See the port."""
        del why
        fresh = [item for item in self.board.episodes if _is(item, seen)]
        self.board.episodes = tuple(
            replace(item, acknowledged=self.now()) if item in fresh else item
            for item in self.board.episodes
        )
        return bool(fresh)


def _is(item: Episode, seen: Episode) -> bool:
    same = (item.rule, item.dims, item.number) == (seen.rule, seen.dims, seen.number)
    open_ = item.phase is Phase.FIRING and item.acknowledged is None
    return same and item.level is seen.level and open_
