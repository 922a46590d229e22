"""Checks of one pipeline's state: who folds it, what waits."""

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import text

from kpi_pipeline.compute.numbers import format_age
from kpi_pipeline.model.finding import Finding, fine, warning
from kpi_pipeline.store.health_visit import Visit
from kpi_pipeline.store.store import BUSY_SQL

PATIENCE = timedelta(minutes=10)
"""How long a message may wait before it is worth a word."""
BACKLOG_SQL = text("""
SELECT count(*) AS ranges, coalesce(sum(extract(epoch FROM d."end" - d.start)) / 60, 0) AS minutes,
       string_agg(DISTINCT d.cause, ', ') AS causes
FROM kpi.dirty d JOIN kpi.pipeline p ON p.id = d.pipeline_id WHERE p.name = :name
""")
WAITING_SQL = text("""
SELECT count(*) AS messages, clock_timestamp() - min(o.created_at) AS age,
       (array_agg(o.error ORDER BY o.id DESC) FILTER (WHERE o.error IS NOT NULL))[1] AS error
FROM kpi.outbox o JOIN kpi.pipeline p ON p.id = o.pipeline_id
WHERE p.name = :name AND o.state = ANY(:states)
""")


def lock(visit: Visit) -> Iterator[Finding]:
    """Nobody else folds, or a run that is at work."""
    held = visit.connection.execute(BUSY_SQL, {"name": f"kpi_pipeline/advance/{visit.name}"})
    busy = bool(held.scalar())
    yield fine("state lock", "a run is folding right now" if busy else "free for the next run")


def backlog(visit: Visit) -> Iterator[Finding]:
    """How much waits to be folded."""
    if visit.has_tables():
        row = visit.connection.execute(BACKLOG_SQL, {"name": visit.name}).one()
        size = f"{row.ranges} ranges, {int(row.minutes):,} minute buckets ({row.causes})"
        yield fine("state backlog", size if row.ranges else "nothing waits to be folded")


def waiting(visit: Visit) -> Iterator[Finding]:
    """Messages that go out, and soon."""
    if not visit.has_tables():
        return
    subject = "messages waiting"
    wanted = {"name": visit.name, "states": ["pending", "sending"]}
    row = visit.connection.execute(WAITING_SQL, wanted).one()
    if row.error is None and (row.age is None or row.age < PATIENCE):
        yield fine(subject, f"{row.messages}, none for long" if row.messages else "none")
        return
    why = f": {row.error}" if row.error else ""
    what = f"{row.messages} to be sent, the oldest for {format_age(row.age)}{why}"
    yield warning(subject, what, "Run `kpi-pipeline advance`, which sends them and says why not.")


def dead(visit: Visit) -> Iterator[Finding]:
    """No message that was given up."""
    if not visit.has_tables():
        return
    row = visit.connection.execute(WAITING_SQL, {"name": visit.name, "states": ["dead"]}).one()
    if not row.messages:
        yield fine("messages given up", "none")
        return
    what = f"{row.messages} were given up ({row.error}); mend the channel, then queue them again"
    yield warning("messages given up", what, "Run `kpi-pipeline outbox resend --dead`.")
