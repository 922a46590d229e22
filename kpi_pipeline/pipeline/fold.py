"""One step: detect, aggregate, replace, snapshot, judge; committed as one transaction."""

from dataclasses import dataclass, replace
from datetime import datetime

from kpi_pipeline.compute.cursor import remember
from kpi_pipeline.compute.judgement import judge_all
from kpi_pipeline.compute.ledger import corrections
from kpi_pipeline.compute.refill import refilling, without
from kpi_pipeline.compute.retention import Retention, retention
from kpi_pipeline.compute.slices import next_slice
from kpi_pipeline.compute.vitals import clock_warnings
from kpi_pipeline.model.batch import Batch, Detection, Slice
from kpi_pipeline.model.correction import Correction
from kpi_pipeline.model.errors import MetricError, RefillError, SourceError
from kpi_pipeline.model.moment import Interval, union
from kpi_pipeline.model.snapshot import Published
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.model.state import Cause, Dirty, PipelineState
from kpi_pipeline.pipeline.backlog import backlog_of
from kpi_pipeline.pipeline.publish import take_snapshot
from kpi_pipeline.pipeline.trend import with_trends
from kpi_pipeline.pipeline.turn import ANYTHING, Aim, Turn, following, last_look
from kpi_pipeline.pipeline.uncollected import uncollected
from kpi_pipeline.ports.source import Source
from kpi_pipeline.ports.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Folded:
    """What one step did.

    Attributes:
        piece: The buckets that were replaced; empty if nothing was due.
        rows: Source rows read.
        notices: Messages put into the outbox.
        corrections: Shown numbers that changed.
        everything: Why all of history is folded again, if it is.
        following: What the next step is for; None if nothing is left that can be folded.
        looked_at: The state database's clock as the look began that this step goes by.
        warnings: What the state could not do beside the fold, and a clock that is far off.
    """

    published: Published
    piece: Slice
    rows: int
    notices: int
    backlog: tuple[Interval, ...]
    corrections: tuple[Correction, ...]
    everything: str | None
    following: Turn | None
    looked_at: datetime | None
    warnings: tuple[str, ...]


@uncollected()
def fold(
    spec: PipelineSpec,
    source: Source,
    store: Store,
    days: int,
    aim: Aim = ANYTHING,
) -> Folded:
    """Fold the newest `days` of what is due, and publish.

    Args:
        spec: What to fold.
        source: Where from.
        store: Where to.
        days: How much of history.
        aim: What the step is for.

    Raises:
        RefillError: Names a metric to bar; nothing was changed.
        SourceError, StateError: Nothing was changed.
        StateConflictError: Somebody else committed meanwhile; nothing was changed.
    """
    state = store.load()
    seen = last_look(spec, state) if aim.turn is Turn.REFILL else None
    looked_at = (aim.looked_at if seen else None) or state.loaded_at
    detection = seen or source.detect(state.position, sweep=aim.sweep)
    kept = retention(spec, detection.as_of)
    backlog = backlog_of(spec, state, detection, source, kept)
    known = frozenset(spec.definitions)
    piece = next_slice(backlog, kept, days, known, aim.barred)
    batch = _aggregate(source, piece, detection.as_of, backlog)
    with store.begin(state) as unit:
        changed = unit.replace(piece, batch, kept)
        corrected = corrections(spec, changed, backlog, state.as_of, detection.as_of)
        unit.correct(corrected)
        if detection.everything is not None:
            unit.note(_range(backlog, Cause.SOURCE), detection.everything)
        left = without(backlog, piece, known)
        # Rows that were folded before their time came are in no slice when it comes.
        edges = unit.edges(detection.as_of)
        live = any(item.live for item in backlog)
        newest = max(filter(None, (batch.newest if live else None, edges.newest)), default=None)
        after = _advanced(spec, state, detection, newest, left, kept)
        after = replace(after, revision=unit.save(after), history_from=edges.history_from)
        snapshot = take_snapshot(spec, after, unit, kept, edges)
        age = edges.now - (looked_at or edges.now)
        around = replace(unit.surroundings(snapshot.computed_at), look_age=age)
        judgement = judge_all(spec, snapshot, unit.episodes(), around)
        judgement = with_trends(spec, after, unit, kept, judgement)
        unit.record(snapshot, judgement)
    return Folded(
        published=Published(snapshot, judgement.verdicts),
        piece=piece,
        rows=batch.rows,
        notices=len(judgement.notices),
        backlog=union(item.interval for item in left),
        corrections=tuple(corrected),
        everything=detection.everything,
        following=following(backlog, left, aim.barred) or (Turn.LIVE if seen else None),
        looked_at=looked_at,
        warnings=(*unit.warnings, *clock_warnings(detection.as_of, looked_at)),
    )


def _aggregate(source: Source, piece: Slice, as_of: datetime, backlog: tuple[Dirty, ...]) -> Batch:
    """What nobody has seen yet must not hold up what people look at."""
    try:
        return source.aggregate(piece, as_of)
    except MetricError as error:
        if error.metric not in refilling(backlog):
            raise
        raise RefillError(
            f"{error}. Its history cannot be filled until its expr or filter is mended; "
            "every other KPI is kept up to date",
            error.metric,
        ) from None
    except SourceError as error:
        if piece.metrics is None or any(item.live for item in backlog):
            raise
        names = ", ".join(sorted(piece.metrics))
        raise type(error)(f"filling the history of {names}: {error}") from None


def _range(backlog: tuple[Dirty, ...], cause: Cause) -> Interval | None:
    """From the first to the last of what a cause has queued."""
    queued = union(item.interval for item in backlog if item.cause is cause)
    return Interval(queued[0].start, queued[-1].end) if queued else None


def _advanced(
    spec: PipelineSpec,
    state: PipelineState,
    detection: Detection,
    newest: datetime | None,
    left: tuple[Dirty, ...],
    kept: Retention,
) -> PipelineState:
    # In another table, or a restored one, the newest row may be older than what was folded.
    before = state.watermark if detection.everything is None or newest is None else None
    latest = max(filter(None, (before, newest)), default=None)
    # A source clock that once ran ahead must not blind the freshness rule for ever.
    watermark = None if latest is None else min(latest, detection.as_of)
    return replace(
        state,
        position=detection.position,
        definitions=spec.definitions,
        watermark=watermark,
        as_of=detection.as_of,
        guarantee=detection.guarantee,
        recent=remember(state.recent, watermark, detection.as_of, spec),
        minutes_from=kept.minutes_from,
        rolled_until=kept.made,
        dirty=left,
    )
