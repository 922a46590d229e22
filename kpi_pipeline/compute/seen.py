"""What a rule looks at in a snapshot: every group that is there, and groups that are gone."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from kpi_pipeline.compute.rules import is_no_data
from kpi_pipeline.model.batch import Dims
from kpi_pipeline.model.episode import Episode, Phase
from kpi_pipeline.model.group import is_other
from kpi_pipeline.model.snapshot import Reading, Snapshot
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.model.threshold import Threshold

MOST_MISSED = 200
"""Of a metric with more groups than that, those that come and go are nobody's problem."""


def readings_of(
    spec: PipelineSpec,
    rule: Threshold,
    snapshot: Snapshot,
    own: Sequence[Episode],
) -> tuple[Reading, ...]:
    """The readings that a threshold is held against.

    A group that was there once and has no row in the window any more reads as nothing: it ends
    what was too high, and is too low by itself.

    Args:
        spec: Of the pipeline.
        rule: A threshold, or what follows from one.
        snapshot: What was found.
        own: The rule's alerts, of every group that there ever was.
    """
    # What all others make together is no group: how many they are changes with the cap.
    found = tuple(r for r in snapshot.find(rule.metric, rule.window) if not is_other(r.dims))
    present = {reading.dims for reading in found}
    # What is a value of another column is no group that went: it is none.
    same = (e for e in own if not is_other(e.dims) and not rule.is_regrouped(e.definition))
    gone = [e for e in same if e.dims not in present]
    alerting = [episode.dims for episode in gone if episode.phase is not Phase.OK]
    missed = [episode.dims for episode in gone] if _misses(rule) else alerting
    groups = missed if len(missed) <= MOST_MISSED else alerting
    return (*found, *_without_rows(spec, rule, groups, snapshot))


def _misses(rule: Threshold) -> bool:
    """Whether a group without rows may be a breach; with a `min_count` it is no evidence."""
    low = rule.warn_below is not None or rule.critical_below is not None
    return is_no_data(rule) or (low and not rule.min_count)


def _without_rows(
    spec: PipelineSpec, rule: Threshold, groups: Sequence[Dims], snapshot: Snapshot
) -> Iterator[Reading]:
    """Readings of groups that have no row in the rule's window any more; midnight does that.

    Groups of another number of columns than the metric has now are passed over.
    """
    columns = len(spec.metrics[rule.metric].group_by)
    place = (rule.metric, rule.window)
    nobody = [item for item in snapshot.absent if (item.metric, item.window) == place]
    for item in nobody:
        yield from (replace(item, dims=dims) for dims in groups if len(dims) == columns)
