"""The board: everything that a dashboard asks of one pipeline, over its state database."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import datetime

from kpi_pipeline.compute.explanation import Explanation
from kpi_pipeline.compute.messages import keys_of
from kpi_pipeline.model.batch import Dims
from kpi_pipeline.model.live import AlertLog, Event, Live, Series, Tick
from kpi_pipeline.model.snapshot import Snapshot
from kpi_pipeline.model.span import Span
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.pipeline.annotations import timeline
from kpi_pipeline.pipeline.chart import Chart, series
from kpi_pipeline.pipeline.explain import explain_shown
from kpi_pipeline.pipeline.present import present_snapshot
from kpi_pipeline.ports.desk import Desk
from kpi_pipeline.ports.source import Answers
from kpi_pipeline.ports.store import Store

DIGITS = 16


class LiveBoard:
    """See the `Board` port.

    Args:
        spec: Of the pipeline.
        store: Gives the state database, each time; it may be away until it is first used.
        answers: Writes and runs statements against the source.
        close: Called when the board is closed.
        logged: The channels that the log stands in for.
    """

    def __init__(
        self,
        spec: PipelineSpec,
        store: Callable[[], Store],
        answers: Answers,
        close: Callable[[], None] = lambda: None,
        logged: frozenset[str] = frozenset(),
    ) -> None:
        self.spec = spec
        self.close = close
        self._store = store
        self._answers = answers
        self._logged = logged
        self._definition = hashlib.sha256(repr(spec).encode()).hexdigest()[:DIGITS]

    def live(self) -> Live:
        """The KPIs as of the last good look, alerts, proof and signs of life; one transaction."""
        with self._store().watch() as watch:
            now, life = watch.now(), watch.life()
            return Live(
                definition=self._definition,
                now=now,
                snapshot=present_snapshot(self.spec, watch, life),
                verdicts=watch.verdicts(),
                episodes=watch.open_episodes(),
                mutes=watch.surroundings(now).mutes,
                audit=watch.audit(),
                life=life,
            )

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
        """A metric by bucket, from the bucket that holds `since` to the one before `until`.

        Raises:
            UnknownNameError: There is no such metric, grain or group; names the nearest.
            RangeError: Too many buckets, or finer ones than are kept so far back; says what is.
        """
        chart = Chart(
            metric=metric, grain=grain, since=since, until=until, group=group, offset=offset
        )
        with self._store().watch() as watch:
            return series(self.spec, watch, chart)

    def explain(
        self, metric: str, window: str, group: Dims = (), *, seen: Snapshot | None = None
    ) -> Explanation:
        """What is behind the value that `live` shows, or that somebody sees if none is newer.

        Raises:
            UnknownNameError: There is no such metric, window or group; names the nearest.
        """
        write = self._answers.write
        return explain_shown(self.spec, self._store(), metric, window, group, write, seen=seen)

    def rows(
        self, found: Explanation, leaf: int, most: int
    ) -> AbstractContextManager[tuple[Sequence[str], Iterator[Sequence[object]]]]:
        """The source's rows behind one leaf of an explanation, newest first; at most so many.

        Raises:
            SourceError: The source cannot answer.
        """
        one = found.leaves[leaf]
        return self._answers.rows(one.metric, one.span, one.group, one.basis.apart, most)

    def timeline(self, since: datetime, most: int) -> Sequence[Event]:
        """What happened since a moment, newest first: alerts, rewinds, corrections, audits."""
        return timeline(self.spec, self._store(), since, most)

    def ticks(self, most: int) -> Sequence[Tick]:
        """The last ticks, newest first."""
        return self._store().records().ticks(most)

    def alert_log(self, since: datetime, most: int) -> AlertLog:
        """What alerts did since a moment."""
        store = self._store()
        desk = store.desk()
        count, newest = desk.transitions(since, None, most)
        firing = keys_of(self.spec.name, desk.episodes())
        open_ = {key: (item.rule, item.dims) for key, item in firing.items()}
        records = store.records()
        runs, messages = (records.runs(open_), records.messages(open_)) if open_ else ({}, {})
        return AlertLog(
            count=count,
            transitions=newest,
            runs={open_[key]: address for key, address in runs.items()},
            messages={open_[key]: found for key, found in messages.items()},
            logged=self._logged,
        )

    def desk(self) -> Desk:
        """The alerts, for people to act on."""
        return self._store().desk()
