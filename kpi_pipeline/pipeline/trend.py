"""How a value came to be what it is: the last day of it, for messages that are about to be told."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from kpi_pipeline.compute.frames import Held
from kpi_pipeline.compute.judgement import Judgement
from kpi_pipeline.compute.retention import Retention
from kpi_pipeline.compute.snapshot import Pair, View, pairs_of
from kpi_pipeline.compute.sparkline import sparkline
from kpi_pipeline.model.batch import Dims
from kpi_pipeline.model.moment import EARLIEST
from kpi_pipeline.model.snapshot import Reading
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.model.state import PipelineState
from kpi_pipeline.pipeline.publish import held_by
from kpi_pipeline.pipeline.views import views_of
from kpi_pipeline.ports.unit import UnitOfWork

HOURS = 24
AN_HOUR = timedelta(hours=1)
Values = dict[tuple[str, str, Dims], list[Decimal | None]]


def with_trends(
    spec: PipelineSpec,
    state: PipelineState,
    unit: UnitOfWork,
    kept: Retention,
    judgement: Judgement,
) -> Judgement:
    """The judgement, its messages with what the value was at each hour of the last day.

    One statement, and none where there is nothing to tell.
    """
    about = {
        key: (item.metric, item.window, item.dims)
        for key, item in judgement.subjects.items()
        if item.metric in spec.metrics
    }
    if not about:
        return judgement
    values = _values(spec, held_by(spec, state), unit, kept.rolled(state.rolled_until), about)
    trends = {key: sparkline(values.get(place, [])) for key, place in about.items()}
    notices = (
        (channel, replace(said, trend=trends.get(said.episode_key, "")))
        for channel, said in judgement.notices
    )
    return replace(judgement, notices=tuple(notices))


def _values(
    spec: PipelineSpec,
    held: Held,
    unit: UnitOfWork,
    kept: Retention,
    about: dict[str, tuple[str, str, Dims]],
) -> Values:
    pairs = pairs_of(spec, {(metric, window) for metric, window, _ in about.values()})
    moments = [held.as_of - AN_HOUR * back for back in reversed(range(HOURS))]
    looks = [(held.at(moment), pairs) for moment in moments if moment > EARLIEST + AN_HOUR]
    found: Values = {place: [] for place in about.values()}
    for view in views_of(spec, unit, kept, looks):
        _add(found, view, pairs)
    return found


def _add(found: Values, view: View, pairs: tuple[Pair, ...]) -> None:
    read = {(item.metric, item.window, item.dims): item for item in view.readings(pairs)}
    for place, values in found.items():
        values.append(_value(read.get(place)))


def _value(reading: Reading | None) -> Decimal | None:
    return None if reading is None or reading.building else reading.value
