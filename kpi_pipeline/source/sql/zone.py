"""The zone of a column that holds wall time: it must be declared, for nobody can guess it."""

from zoneinfo import ZoneInfo

from kpi_pipeline.model.errors import SourceError
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.source.sql.clock import WallClock

UTC_CLOCK = WallClock(ZoneInfo("UTC"))


def declared_clock(spec: PipelineSpec, kind: str) -> WallClock:
    """The clock of `source.timezone`.

    Raises:
        SourceError: It is not declared.
    """
    zone = spec.source.timezone
    if zone is None:
        raise SourceError(
            f"source.agg_time_dimension: {spec.source.event_time} is {kind}, which holds no time "
            "zone: declare the one that its times are in as source.timezone, such as UTC"
        )
    return WallClock(zone)
