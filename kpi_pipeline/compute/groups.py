"""Groups that are too many: who has a series of its own, and what the others make together."""

from collections.abc import Collection, Iterable
from typing import TypeVar

from kpi_pipeline.compute.partial import Partial, merge
from kpi_pipeline.model.batch import Aggregate, Dims
from kpi_pipeline.model.group import OTHER, is_other, named, other_of
from kpi_pipeline.model.snapshot import Snapshot
from kpi_pipeline.model.spec import PipelineSpec

Group = tuple[str, Dims]
"""A metric's name and the values of one of its groups."""
K = TypeVar("K")


def seated(groups: Iterable[Dims], known: Collection[Dims], most: int) -> dict[Dims, Dims]:
    """The group that each group of the data is summed in: its own, or that of all others.

    Groups that have a series keep it, also where fewer are allowed by now; what room is left
    goes to those named first.

    >>> seated([("a",), ("b",), ("c",)], known=[("c",)], most=2)
    {('a',): ('a',), ('b',): ('(other)',), ('c',): ('c',)}
    """
    taken = {dims for dims in known if not is_other(dims)}
    places: dict[Dims, Dims] = {}
    for values in groups:
        own = named(values)
        if len(taken) < most:
            taken.add(own)
        places[values] = own if own in taken else other_of(values)
    return places


def largest_first(aggregates: Iterable[Aggregate]) -> list[Group]:
    """Every group once, those with the most rows first: they are worth a name the most."""
    rows: dict[Group, int] = {}
    for item in aggregates:
        group = (item.metric, item.dims)
        rows[group] = rows.get(group, 0) + item.rows
    return sorted(rows, key=lambda group: (-rows[group], repr(group)))


def united(found: Iterable[tuple[K, Partial]]) -> dict[K, Partial]:
    """One partial a place; those that share a place, and no rows, are merged."""
    places: dict[K, Partial] = {}
    for place, partial in found:
        places[place] = merge(places[place], partial) if place in places else partial
    return places


def warnings_of(spec: PipelineSpec, snapshot: Snapshot) -> tuple[str, ...]:
    """A sentence for every metric whose groups are more than it keeps apart."""
    full = {reading.metric for reading in snapshot.readings if is_other(reading.dims)}
    return tuple(
        f"{metric.name} has more than {metric.most_groups:,} groups; groups first seen after that "
        f"are summed in '{OTHER}'. Raise most_groups or group by something coarser."
        for metric in spec.simple_metrics
        if metric.name in full
    )
