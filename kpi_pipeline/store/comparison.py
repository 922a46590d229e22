"""The state held against a batch of the source; writes nothing."""

from collections.abc import Sequence

from sqlalchemy import Connection

from kpi_pipeline.compute.difference import Difference, Partials, differences, rolled
from kpi_pipeline.compute.grains import buckets_in
from kpi_pipeline.compute.groups import largest_first
from kpi_pipeline.compute.retention import Retention
from kpi_pipeline.model.batch import Aggregate, Batch, Grain, Slice
from kpi_pipeline.model.moment import EARLIEST, Interval
from kpi_pipeline.store.dictionary import Dictionary
from kpi_pipeline.store.places import placed, stored


def compare(
    connection: Connection,
    id_: int,
    dictionary: Dictionary,
    piece: Slice,
    batch: Batch,
    kept: Retention,
) -> tuple[int, list[Difference]]:
    """How many values are held against the source, and which of all differ.

    Hours and days that the slice's minutes make are held against the source too; months and years
    against the days and months of the state, which are held against the source in their turn.
    """

    def held(grain: Grain, spans: Sequence[Interval]) -> Partials:
        return stored(connection, id_, dictionary.definitions, grain, spans, piece.metrics).partials

    minutes = _placed(dictionary, Grain.MINUTE, batch.minutes)
    days = _placed(dictionary, Grain.DAY, batch.days)
    hours, past = (_made(piece.minutes, grain, kept) for grain in (Grain.HOUR, Grain.DAY))
    months, years = (_made(piece.intervals, grain, kept) for grain in (Grain.MONTH, Grain.YEAR))
    after = {
        **minutes,
        **days,
        **rolled(minutes, Grain.HOUR, hours),
        **rolled(minutes, Grain.DAY, past),
    }
    before = {
        **held(Grain.MINUTE, piece.minutes),
        **held(Grain.HOUR, hours),
        **held(Grain.DAY, (*piece.days, *past)),
    }
    values = len(before.keys() | after.keys())
    for grain, child, buckets in (
        (Grain.MONTH, Grain.DAY, months),
        (Grain.YEAR, Grain.MONTH, years),
    ):
        after |= rolled(held(child, buckets), grain, buckets)
        before |= held(grain, buckets)
    return values, differences(before, after)


def _made(spans: Sequence[Interval], grain: Grain, kept: Retention) -> list[Interval]:
    """The buckets over the spans that are made of finer ones."""
    over = (part for item in spans if (part := item.clip(EARLIEST, kept.made)))
    return [bucket for bucket in buckets_in(over, grain, kept.zone) if bucket.end <= kept.made]


def _placed(dictionary: Dictionary, grain: Grain, aggregates: Sequence[Aggregate]) -> Partials:
    places = dictionary.places(largest_first(aggregates))
    return placed(grain, aggregates, places, dictionary.encode_known(aggregates))
