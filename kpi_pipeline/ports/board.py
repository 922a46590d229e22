"""What a dashboard asks of one pipeline. It renders; everything else is behind this."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from kpi_pipeline.compute.explanation import Explanation
from kpi_pipeline.model.batch import Dims
from kpi_pipeline.model.live import AlertLog, Event, Live, Series, Tick
from kpi_pipeline.model.snapshot import Snapshot
from kpi_pipeline.model.span import Span
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.ports.desk import Desk


class Board(Protocol):
    """One pipeline, for a dashboard; every method may be called from any thread.

    Every method raises `StateError` where the state database cannot be used.

    Attributes:
        spec: Of the pipeline: metrics, windows, thresholds, units, time zone.
    """

    spec: PipelineSpec

    def live(self) -> Live:
        """The KPIs as of the last good look, alerts, proof and signs of life; one transaction."""
        ...

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
        ...

    def explain(
        self, metric: str, window: str, group: Dims = (), *, seen: Snapshot | None = None
    ) -> Explanation:
        """What is behind the value that `live` shows, or that somebody sees if none is newer.

        Raises:
            UnknownNameError: There is no such metric, window or group; names the nearest.
        """
        ...

    def rows(
        self, found: Explanation, leaf: int, most: int
    ) -> AbstractContextManager[tuple[Sequence[str], Iterator[Sequence[object]]]]:
        """The source's rows behind one leaf of an explanation: column names, and at most so many.

        Columns are the key if there is one, the event time, `value` unless rows are counted, and
        the metric's groups; ordered by event time, newest first. Aggregating `value` as the
        metric says gives the leaf's number. Rows come while they are read, and the source's time
        for a statement runs on: read them before handing them to somebody slow.

        Raises:
            SourceError: The source cannot answer.
        """
        ...

    def timeline(self, since: datetime, most: int) -> Sequence[Event]:
        """What happened since a moment, newest first: alerts, rewinds, corrections, audits."""
        ...

    def ticks(self, most: int) -> Sequence[Tick]:
        """The last ticks, newest first."""
        ...

    def alert_log(self, since: datetime, most: int) -> AlertLog:
        """What alerts did since a moment."""
        ...

    def desk(self) -> Desk:
        """The alerts, for people to act on."""
        ...


class Bell(Protocol):
    """Rings when something was committed."""

    def rings(self, patience: float) -> Iterator[frozenset[str]]:
        """The pipelines of which something was committed since the last ring.

        Waits at most `patience` seconds for one, then yields an empty set, so that whoever
        listens can stop. The first ring comes at once, empty, when the connection stands:
        what was committed before it must be read then.

        Raises:
            StateError: The connection is lost; call again to try anew.
        """
        ...
