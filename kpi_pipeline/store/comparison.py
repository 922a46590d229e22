"""The state held against a batch of the source; writes nothing."""

from collections.abc import Sequence

from sqlalchemy import Connection

from kpi_pipeline.compute.calendar import days_in
from kpi_pipeline.compute.difference import Difference, Partials, differences, rolled
from kpi_pipeline.compute.groups import largest_first
from kpi_pipeline.compute.retention import Retention
from kpi_pipeline.model.batch import Aggregate, Batch, Grain, Slice
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
    """How many values there are on either side, and which differ."""
    past = (part for item in piece.minutes if (part := item.clip(item.start, kept.today)))
    made = days_in(tuple(past), kept.zone)
    minutes = _placed(dictionary, Grain.MINUTE, batch.minutes)
    days = _placed(dictionary, Grain.DAY, batch.days)
    after = {**minutes, **days, **rolled(minutes, made)}
    known = dictionary.definitions
    before = {
        **stored(connection, id_, known, Grain.MINUTE, piece.minutes, piece.metrics).partials,
        **stored(connection, id_, known, Grain.DAY, (*piece.days, *made), piece.metrics).partials,
    }
    return len(before.keys() | after.keys()), differences(before, after)


def _placed(dictionary: Dictionary, grain: Grain, aggregates: Sequence[Aggregate]) -> Partials:
    places = dictionary.places(largest_first(aggregates))
    sets = dictionary.encode_known([item.members for item in aggregates])
    return placed(grain, aggregates, places, sets)
