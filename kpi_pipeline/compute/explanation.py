"""An explanation: what a published number means, and how to get it from the source again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from kpi_pipeline.compute.leaf import BasisOf, Leaf, Top, leaves_behind, shown_by
from kpi_pipeline.compute.messages import group_text
from kpi_pipeline.compute.spelling import Write
from kpi_pipeline.compute.windows import Bounds, baseline_bounds, frame_bounds
from kpi_pipeline.model.batch import Dims
from kpi_pipeline.model.declaration.nearest import did_you_mean
from kpi_pipeline.model.errors import KpiError
from kpi_pipeline.model.group import LONGEST_GROUP, named
from kpi_pipeline.model.metric import Metric, SimpleMetric
from kpi_pipeline.model.snapshot import Reading, Snapshot
from kpi_pipeline.model.spec import PipelineSpec, SourceTable
from kpi_pipeline.model.term import Term, terms_below
from kpi_pipeline.model.window import Frame, Window

NULL = "(null)"
"""How a person names the group of rows without a value."""


class UnknownNameError(KpiError):
    """No metric, window or group has that name; the message gives the nearest one."""


class GroupValuesError(UnknownNameError):
    """A group was named with more or fewer values than its metric has columns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Everything behind one metric over one window.

    Attributes:
        metrics: All of the pipeline's, by name.
        term: The metric over the window's frame.
        leaves: The simple metrics that it comes down to; of a simple metric, itself.
        group: The one group asked for; None where the readings are of all groups.
        span: The window's bounds, as published.
        baseline: Bounds of what it is compared with; None without a comparison.
        readings: As published: one, or one a group; none where the window holds no group.
        watermark, as_of, computed_at, guarantee: Of the snapshot.
    """

    source: SourceTable
    metrics: Mapping[str, Metric]
    metric: Metric
    term: Term
    leaves: tuple[Leaf, ...]
    group: Dims | None
    window: Window
    timezone: ZoneInfo
    span: Bounds
    baseline: Bounds | None
    readings: tuple[Reading, ...]
    watermark: datetime | None
    as_of: datetime
    computed_at: datetime
    guarantee: str

    @property
    def composed(self) -> tuple[Metric, ...]:
        """The composed metrics that the number is made of, from the top; each once."""
        names = dict.fromkeys(term.metric for term in terms_below(self.metrics, self.term))
        found = (self.metrics[name] for name in names)
        return tuple(metric for metric in found if not isinstance(metric, SimpleMetric))

    @property
    def parts(self) -> tuple[SimpleMetric, ...]:
        """The simple metrics that it comes down to, each once."""
        return tuple({leaf.metric.name: leaf.metric for leaf in self.leaves}.values())

    @property
    def sql(self) -> str:
        """The statements of all leaves."""
        return "\n\n".join(leaf.statement.sql for leaf in self.leaves)

    @property
    def before(self) -> str:
        """Statements to run first in the same session; '' where none is needed."""
        return next((leaf.statement.before for leaf in self.leaves if leaf.statement.before), "")

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences on what the numbers of the statements rest on."""
        return tuple(dict.fromkeys(note for leaf in self.leaves for note in leaf.statement.notes))


def explanation(
    spec: PipelineSpec,
    snapshot: Snapshot,
    metric: str,
    window: str,
    *,
    group: Dims = (),
    write: Write | None = None,
    basis: BasisOf | None = None,
) -> Explanation:
    """Explain a published number.

    Args:
        spec: The declaration that it was published for.
        snapshot: Where it was published.
        metric: Name of a metric.
        window: Name of a window.
        group: One value a `group_by` column; a group that is not there may name a missing value
            `(null)`. Empty means every group.
        write: Writes the source's statement; None for PostgreSQL's with no types known.
        basis: What the state says of a leaf; None for what the snapshot shows of it.

    Raises:
        UnknownNameError: There is no such metric, window or group.
    """
    found = spec.metrics.get(metric)
    if found is None:
        raise UnknownNameError(f"unknown metric {metric!r}{did_you_mean(metric, spec.metrics)}")
    declared = spec.windows.get(window)
    if declared is None:
        raise UnknownNameError(f"unknown window {window!r}{did_you_mean(window, spec.windows)}")
    readings = snapshot.find(metric, window)
    chosen = _chosen(found, readings, group) if group else None
    term = Term(metric, Frame(reach=declared.reach))
    span = frame_bounds(term.frame, snapshot.as_of, spec.timezone)
    if readings:  # as published, should the declaration have changed since
        span = Bounds(readings[0].start, readings[0].end)
    dims = chosen.dims if chosen else None
    top = Top(term=term, span=span, as_of=snapshot.as_of, group=dims)
    shown = shown_by(snapshot, window, term.frame)
    return Explanation(
        source=spec.source,
        metrics=spec.metrics,
        metric=found,
        term=term,
        leaves=leaves_behind(spec, top, basis or shown, write),
        group=dims,
        window=declared,
        timezone=spec.timezone,
        span=span,
        baseline=baseline_bounds(declared, snapshot.as_of, spec.timezone),
        readings=(chosen,) if chosen else readings,
        watermark=snapshot.watermark,
        as_of=snapshot.as_of,
        computed_at=snapshot.computed_at,
        guarantee=snapshot.guarantee,
    )


def _chosen(metric: Metric, readings: tuple[Reading, ...], group: Dims) -> Reading:
    check_values(metric, group)
    by_dims = {reading.dims: reading for reading in readings}
    likely = meant(group)
    found = next((dims for dims in likely if dims in by_dims), None)
    if found is None:
        text = group_text(likely[0])
        hint = did_you_mean(text, map(group_text, by_dims)) or " (it has no groups there)"
        raise UnknownNameError(f"no group {text!r} of {metric.name} in that window{hint}")
    return by_dims[found]


def check_values(metric: Metric, group: Dims) -> None:
    """Raise `GroupValuesError` unless a group has a value for each column of a metric."""
    columns = metric.group_by
    if len(group) == len(columns):
        return
    if not columns:
        raise GroupValuesError(f"{metric.name} takes no group values: it has no groups")
    number = f"{len(columns)} group value{'s' if len(columns) > 1 else ''}"
    raise GroupValuesError(f"{metric.name} takes {number}: one for each of {', '.join(columns)}")


def meant(group: Dims) -> tuple[Dims, ...]:
    r"""What somebody may mean who writes a group like this, the likeliest first.

    >>> meant(("(null)",)), meant(("(other)",))[1]
    ((('(null)',), ('(null)',), (None,)), ('\\(other)',))
    """
    cut = tuple(value and value[:LONGEST_GROUP] for value in group)
    return cut, named(cut), tuple(None if value == NULL else value for value in cut)
