"""Failed ticks and runs are an alert too: written down, and told through the same outbox."""

import logging
from collections.abc import Callable
from datetime import datetime

from kpi_pipeline.compute.failing import Beat, failed, went_well
from kpi_pipeline.compute.hushed import hushed
from kpi_pipeline.model.errors import KpiError, StateError, first_line
from kpi_pipeline.model.live import Tick, TickKind
from kpi_pipeline.model.pulse import Pulse
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.ports.pulse import PulseRecord

_log = logging.getLogger(__name__)


def note_failure(record: PulseRecord, spec: PipelineSpec, error: BaseException) -> None:
    """Write down that a tick or a run failed; after a while that fires. Raises nothing.

    Where the state database itself is away only the log, Dagster and `doctor --max-age` tell.
    """
    why = plain(error)
    tick = Tick(kind=TickKind.FAILURE, reason=why)
    _change(record, lambda pulse, now: failed(spec, pulse, why, now), tick)


def note_success(record: PulseRecord, spec: PipelineSpec, tick: Tick) -> None:
    """Write down that a look found nothing to do, or that a run did it. Raises nothing."""
    _change(record, lambda pulse, now: went_well(spec, pulse, now), tick)


def plain(error: BaseException) -> str:
    """One line about an error for people; without secrets, and without a stranger's words."""
    if isinstance(error, KpiError):
        return hushed(first_line(error))
    return f"unexpected {type(error).__name__}; Dagster shows where"


def _change(record: PulseRecord, step: Callable[[Pulse, datetime], Beat], tick: Tick) -> None:
    try:
        record.change(step, tick)
    except StateError as error:
        _log.warning("whether this went well could not be written down: %s", error)
