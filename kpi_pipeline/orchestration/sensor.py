"""The sensor: heeds the cursor, looks, and asks for one run if anything is due."""

from datetime import UTC, datetime

import dagster as dg

from kpi_pipeline.assembly import Assembly
from kpi_pipeline.compute.cursor import Refuse, Rewind, read_cursor
from kpi_pipeline.model.errors import SourceError
from kpi_pipeline.orchestration.heartbeat import beat
from kpi_pipeline.orchestration.in_flight import FOLDING, run_in_flight
from kpi_pipeline.orchestration.wiring import Wiring
from kpi_pipeline.pipeline.deliver import LEASE
from kpi_pipeline.pipeline.failures import note_failure, note_success
from kpi_pipeline.pipeline.peek import peek, watermark_of
from kpi_pipeline.pipeline.rewind import rewind


def snapshot_sensor(wiring: Wiring, job_name: str) -> dg.SensorDefinition:
    """The sensor of one pipeline; running from the start."""
    spec = wiring.spec

    @dg.sensor(
        name=f"{spec.name}_sensor",
        job_name=job_name,
        minimum_interval_seconds=int(spec.every.total_seconds()),
        default_status=dg.DefaultSensorStatus.RUNNING,
        description=(
            "Looks for changed rows and requests one run if anything is due. Its cursor is the "
            "watermark: set it back, or empty it, to fold again from there; nothing is counted "
            "twice. Stop the sensor first, set the cursor, start it again."
        ),
    )
    def look(context: dg.SensorEvaluationContext) -> dg.SensorResult:
        return tick(wiring, context, job_name)

    return look


def tick(wiring: Wiring, context: dg.SensorEvaluationContext, job_name: str) -> dg.SensorResult:
    """One look.

    Raises:
        KpiError: A database is away or the declaration does not fit it. Dagster shows the
            message on the tick, keeps the cursor, and the next tick tries again.
    """
    parts = wiring.assembly()
    state = parts.store.load()
    recent = [item.watermark for item in state.recent]
    good = watermark_of(parts.spec, state).isoformat()
    zone = parts.spec.timezone
    asked = read_cursor(context.cursor, recent, has_state=state.started, zone=zone)
    if isinstance(asked, Refuse):
        return _skip(f"{asked.reason}. Nothing was changed; the cursor is {good} again", good)
    rewound, found = "", None
    try:
        if isinstance(asked, Rewind):
            rewound = _rewind(parts, asked, context)
        if parts.store.busy():  # the source need not be asked twice at once
            return _skip(f"{rewound}{FOLDING}", good)
        found = peek(
            parts.spec, parts.source, parts.store, parts.outbox, None if rewound else state
        )
        due, reason = found.due, found.reason
    except Exception as error:  # noqa: BLE001 - raised again, unless there are messages
        note_failure(parts.pulse, parts.spec, error)
        due, reason = _despite(parts, error, rewound)
    # Dagster's storage is asked last, because most ticks find nothing and need not know; now and
    # then all the same, so that a run that is dead is shown as such in a quiet shop too.
    ask = due or datetime.now(UTC).minute % 10 == 0
    budget = wiring.settings().run_budget
    busy = run_in_flight(context.instance, job_name, parts.store, budget) if ask else ""
    if due and not busy:
        return _request(f"{rewound}{reason}", good)
    if found is not None and not due:
        note_success(parts.pulse, parts.spec, found.tick)
        beat(wiring.settings().heartbeat_url)
    return _skip(f"{rewound}{busy or reason}", good)


def _despite(parts: Assembly, error: Exception, rewound: str) -> tuple[bool, str]:
    """Whether a run has something to do though the source is away: messages leave, also ours.

    Raises:
        Exception: The error, if there is nothing; Dagster shows it on the tick.
    """
    if isinstance(error, SourceError):
        if parts.outbox.due(LEASE):
            return True, f"messages to send, though {error}"
        if rewound:  # It is queued; raising would keep the cursor, and queue it again.
            return False, str(error)
    raise error


def _request(reason: str, cursor: str) -> dg.SensorResult:
    request = dg.RunRequest(tags={"kpi/reason": reason[:250]})
    return dg.SensorResult(run_requests=[request], cursor=cursor)


def _skip(reason: str, cursor: str | None) -> dg.SensorResult:
    return dg.SensorResult(skip_reason=dg.SkipReason(reason), cursor=cursor)


def _rewind(parts: Assembly, asked: Rewind, context: dg.SensorEvaluationContext) -> str:
    why = f"sensor cursor {context.cursor!r}"
    part = rewind(parts.source, parts.store, asked.since, why)
    since = "the beginning" if asked.since is None else asked.since.isoformat()
    said = f"rewound to {since}" if part else f"nothing to fold again since {since}"
    context.log.info("%s, because of %s", said, why)
    return f"{said}; "
