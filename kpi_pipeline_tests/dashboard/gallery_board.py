"""Boards, a desk and a bell without a database: they show scenes."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from kpi_pipeline.compute.explanation import Explanation, UnknownNameError, explanation
from kpi_pipeline.compute.windows import Bounds, earlier
from kpi_pipeline.model.batch import Dims
from kpi_pipeline.model.declaration.nearest import did_you_mean
from kpi_pipeline.model.episode import Mute, Phase, Transition
from kpi_pipeline.model.errors import StateError
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
from kpi_pipeline.model.notice import Level
from kpi_pipeline.model.snapshot import Snapshot
from kpi_pipeline.model.span import Span
from kpi_pipeline_tests.dashboard import figures
from kpi_pipeline_tests.dashboard.buckets import starts
from kpi_pipeline_tests.dashboard.gallery_bell import GalleryBell
from kpi_pipeline_tests.dashboard.gallery_desk import GalleryDesk
from kpi_pipeline_tests.dashboard.gallery_live import episodes_of, groups_over, live_of
from kpi_pipeline_tests.dashboard.scenes import SAID, Scene

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
FIRST_REVISION = 4711


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
        self.require()
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
        self.require()
        found = self.spec.metrics.get(metric)
        if found is None:
            raise UnknownNameError(
                f"unknown metric {metric!r}{did_you_mean(metric, self.spec.metrics)}"
            )
        bounds = list(starts(self.spec.timezone, grain, since, until))
        names = (() if not found.group_by else tuple((name,) for name in self.scene.groups)) or (
            (),
        )
        if group not in names:
            raise UnknownNameError(f"no group {group!r} of {metric}")

        def points(back: tuple[Span, ...]) -> tuple[Point, ...]:
            moved = [earlier(at, back, self.spec.timezone) if back else at for at in bounds]
            pairs = pairwise(moved)
            return tuple(self._point(metric, start, end, group) for start, end in pairs)

        return Series(
            metric=metric,
            dims=group,
            grain=grain,
            points=points(()),
            before=points((offset,)) if offset else (),
        )

    def explain(
        self, metric: str, window: str, group: Dims = (), *, seen: Snapshot | None = None
    ) -> Explanation:
        """See the port."""
        found = self._snapshot()
        return explanation(self.spec, seen or found, metric, window, group=group)

    @contextmanager
    def rows(
        self, found: Explanation, leaf: int, most: int
    ) -> Iterator[tuple[Sequence[str], Iterator[Sequence[object]]]]:
        """See the port; each row is an order of ten, and one group's name is a formula."""
        self.require()
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
        self.require()
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
        self.require()
        now = self.clock() - self.scene.look_age
        return [self._tick(now - n * self.spec.every, n) for n in range(min(most, 60))]

    def alert_log(self, since: datetime, most: int) -> AlertLog:
        """See the port."""
        self.require()
        found = [
            Transition(
                rule=item.rule,
                dims=item.dims,
                number=item.number,
                before=Phase.PENDING,
                after=item.phase,
                level=item.level,
                value=SAID[item.rule][0],
                at=item.since or self.clock(),
                reason=SAID[item.rule][2],
            )
            for item in self.episodes
        ]
        kept = [item for item in found if item.at >= since]
        runs = {(e.rule, e.dims): "https://dagster.example.com/runs/3f2a" for e in self.episodes}
        return AlertLog(count=len(kept), transitions=tuple(kept[:most]), runs=runs)

    def desk(self) -> GalleryDesk:
        """See the port."""
        return GalleryDesk(self)

    def require(self) -> None:
        """Raise `StateError` while the state database is away."""
        if self.away:
            raise StateError("state database: connection refused")

    def _snapshot(self) -> Snapshot:
        self.require()
        now = self.clock()
        found = live_of(self.scene, now, self.revision, self.episodes, self.mutes).snapshot
        if found is None:
            raise StateError(f"{self.spec.name} has not folded anything yet")
        return found

    def _point(self, metric: str, start: datetime, end: datetime, group: Dims) -> Point:
        now = self.clock()
        if self.scene.empty or start >= now or end <= figures.FIRST:
            return Point(start, None, 0)
        span = Bounds(start, min(end, now))
        value = groups_over(self.scene, self.spec.metrics[metric], span).get(group)
        return Point(start, value, figures.orders(start, span.end))

    def _tick(self, at: datetime, n: int) -> Tick:
        kind = TickKind.FAILURE if self.scene.failing else TickKind.RUN if n % 3 else TickKind.LOOK
        folds = kind is TickKind.RUN
        found = "2 minute buckets to fold (changed rows)" if folds else "no changed rows"
        return Tick(
            kind=kind,
            at=at,
            as_of=None if kind is TickKind.FAILURE else at,
            watermark=None if kind is TickKind.FAILURE else at - self.scene.row_age,
            rows=n * 7 if folds else 0,
            reason=self.scene.failing or f"{found}; newest row 4s old, guarantee exact",
        )
