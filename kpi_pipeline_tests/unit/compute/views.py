"""A snapshot's readings from totals that a test makes up."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from kpi_pipeline.compute.frames import Asked, Held, Totals
from kpi_pipeline.compute.snapshot import Pair, View, asked_of, pairs_of
from kpi_pipeline.compute.windows import Bounds, frame_bounds
from kpi_pipeline.model.batch import Dims
from kpi_pipeline.model.moment import EARLIEST
from kpi_pipeline.model.snapshot import Reading
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.model.state import Dirty
from kpi_pipeline.model.window import Frame
from kpi_pipeline_tests.unit.builders import AS_OF

Readings = Mapping[tuple[str, Dims], Reading]


def span_of(spec: PipelineSpec, frame: Frame) -> Bounds:
    """The interval of a frame as of the tests' moment."""
    return frame_bounds(frame, AS_OF, spec.timezone)


def read(
    spec: PipelineSpec,
    window: str,
    totals: Mapping[Bounds, Totals],
    *,
    history_from: datetime | None = EARLIEST,
    dirty: Sequence[Dirty] = (),
) -> Readings:
    """The readings of one window; an interval that is not in the totals holds no row."""
    view, pairs = view_of(spec, window, totals, history_from, dirty)
    return {(found.metric, found.dims): found for found in view.readings(pairs)}


def absent(spec: PipelineSpec, window: str, totals: Mapping[Bounds, Totals]) -> Readings:
    """What groups without any rows would read."""
    view, pairs = view_of(spec, window, totals, EARLIEST, ())
    return {(found.metric, found.dims): found for found in view.absent(pairs)}


def view_of(
    spec: PipelineSpec,
    window: str,
    totals: Mapping[Bounds, Totals],
    history_from: datetime | None,
    dirty: Sequence[Dirty],
) -> tuple[View, tuple[Pair, ...]]:
    """A view that holds no more than what is asked for."""
    held = Held(as_of=AS_OF, zone=spec.timezone, history_from=history_from, dirty=tuple(dirty))
    pairs = tuple(pair for pair in pairs_of(spec) if pair.window == window)
    found = {asked.span: only(totals, asked) for asked in asked_of(held, pairs)}
    return View(spec=spec, held=held, totals=found), pairs


def only(totals: Mapping[Bounds, Totals], asked: Asked) -> Totals:
    """As a store answers: the metrics asked for, of the interval asked for."""
    found = totals.get(asked.span, {})
    return {key: partial for key, partial in found.items() if key[0] in asked.metrics}
