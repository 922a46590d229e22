"""Failed ticks and runs are an alert too: written down, and told through the same outbox."""

import logging

from kpi_pipeline.compute.failing import failed, went_well
from kpi_pipeline.compute.hushed import hushed
from kpi_pipeline.model.errors import KpiError, StateError, first_line
from kpi_pipeline.model.live import Tick, TickKind
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.ports.pulse import PulseRecord, Step

_log = logging.getLogger(__name__)


def note_failure(record: PulseRecord, spec: PipelineSpec, error: BaseException) -> None:
    """Write down that a tick or a run failed; after a while that fires. Raises nothing.

    Where the state database itself is away only the log, Dagster and `doctor --max-age` tell.
    """
    why = plain(error)
    tick = Tick(kind=TickKind.FAILURE, reason=why)
    _change(record, lambda pulse, now, mute: failed(spec, pulse, why, now, mute), tick)


def note_success(record: PulseRecord, spec: PipelineSpec, tick: Tick) -> None:
    """Write down that a look found nothing to do, or that a run did it. Raises nothing."""
    _change(record, lambda pulse, now, _: went_well(spec, pulse, now), tick)


def plain(error: BaseException) -> str:
    """One line about an error for people; without secrets, and without a stranger's words."""
    if isinstance(error, KpiError):
        return hushed(first_line(error))
    return f"unexpected {type(error).__name__}; Dagster shows where"


def _change(record: PulseRecord, step: Step, tick: Tick) -> None:
    try:
        record.change(step, tick)
    except StateError as error:
        _log.warning("whether this went well could not be written down: %s", error)
