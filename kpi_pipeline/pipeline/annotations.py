"""The timeline: what happened to a pipeline's numbers, in one line each."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, tzinfo
from itertools import groupby

from kpi_pipeline.compute.numbers import format_minute, format_number
from kpi_pipeline.compute.reconciliation import audit_sentence
from kpi_pipeline.compute.table import label
from kpi_pipeline.model.correction import Change
from kpi_pipeline.model.episode import Transition
from kpi_pipeline.model.live import Event, EventKind
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.model.state import Rewound
from kpi_pipeline.ports.store import Store


def timeline(spec: PipelineSpec, store: Store, since: datetime, most: int) -> tuple[Event, ...]:
    """What happened since a moment, newest first.

    Raises:
        StateError: The state database cannot be used.
    """
    records, zone = store.records(), spec.timezone
    _, transitions = store.desk().transitions(since, None, most)
    found = [
        *map(_alert, transitions),
        *(_rewind(item, zone) for item in records.rewinds(since, most)),
        *_corrections(spec, records.changes(since, most)),
        *(
            Event(at=audit.at, kind=EventKind.AUDIT, text=audit_sentence(audit, zone))
            for audit in records.audits(since, most)
        ),
    ]
    return tuple(sorted(found, key=lambda event: event.at, reverse=True)[:most])


def _alert(item: Transition) -> Event:
    same = item.before is item.after
    change = f"{item.after.value}" if same else f"{item.before.value} to {item.after.value}"
    text = f"{label(item.rule, item.dims)}: {change}, {item.reason}"
    return Event(at=item.at, kind=EventKind.ALERT, text=text, level=item.level)


def _rewind(item: Rewound, zone: tzinfo) -> Event:
    if item.interval is None:
        text = f"rewind, nothing to fold again: {item.why}"
    else:
        start, end = (format_minute(m, zone) for m in (item.interval.start, item.interval.end))
        text = f"folded again from {start} to {end}: {item.why}"
    return Event(at=item.at, kind=EventKind.REWIND, text=text)


def _corrections(spec: PipelineSpec, changes: Sequence[Change]) -> Iterator[Event]:
    """One a look and reason; the metric that is named is the first declared one that changed."""
    order = {name: place for place, name in enumerate(spec.metrics)}
    for (at, why), found in groupby(changes, key=lambda item: (item.at, item.why)):
        items: Iterable[Change] = sorted(found, key=lambda c: order.get(c.metric, len(order)))
        items = list(items)
        buckets = max(item.buckets for item in items)
        counted = f"{buckets:,} bucket{'' if buckets == 1 else 's'} changed"
        told = next((item for item in items if item.gap is not None), None)
        text = f"{why.value}: {counted}{_gap(told, buckets)}"
        yield Event(at=at, kind=EventKind.CORRECTION, text=text)


def _gap(told: Change | None, buckets: int) -> str:
    if told is None or told.gap is None:
        return ""
    sign = "+" if told.gap > 0 else ""
    largest = " in the largest" if buckets > 1 else ""
    return f", {told.metric} {sign}{format_number(told.gap)}{largest}"
