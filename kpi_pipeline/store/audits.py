"""Audits in the state database: the last of each kind is what people ask for."""

from dataclasses import asdict
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, delete, insert, or_, select

from kpi_pipeline.model.audit import Audit, Drift
from kpi_pipeline.model.batch import Grain
from kpi_pipeline.model.moment import Interval
from kpi_pipeline.store import schema
from kpi_pipeline.store.codec import plain

KEPT = timedelta(days=90)
AUDIT = schema.audit.c


def save_audit(connection: Connection, id_: int, audit: Audit) -> None:
    """Write it down, and drop those that are out of date."""
    table = schema.audit
    connection.execute(
        insert(table).values(
            pipeline_id=id_,
            at=audit.at,
            all_history=audit.all_history,
            complete=audit.complete,
            drifted=audit.drifted,
            body=plain(asdict(audit)),
        )
    )
    old = (table.c.pipeline_id == id_, table.c.at < audit.at - KEPT)
    connection.execute(delete(table).where(*old))


def load_audit(connection: Connection, id_: int, *, all_history: bool = False) -> Audit | None:
    """The newest audit; or the newest of all history, complete or not."""
    table = schema.audit
    query = select(table.c.body).where(table.c.pipeline_id == id_)
    if all_history:
        query = query.where(table.c.all_history)
    body = connection.execute(query.order_by(table.c.id.desc()).limit(1)).scalar()
    return None if body is None else _audit(body)


def load_telling_audits(
    connection: Connection, id_: int, since: datetime, most: int
) -> list[Audit]:
    """Those that found drift, and the newest of all history that found none; newest first."""
    mine = select(AUDIT.id).where(AUDIT.pipeline_id == id_, AUDIT.at >= since)
    proven = mine.where(AUDIT.all_history, AUDIT.drifted == 0).order_by(AUDIT.id.desc()).limit(1)
    query = (
        select(AUDIT.body)
        .where(AUDIT.pipeline_id == id_, AUDIT.at >= since)
        .where(or_(AUDIT.drifted > 0, AUDIT.id.in_(proven)))
        .order_by(AUDIT.id.desc())
        .limit(most)
    )
    return [_audit(body) for body in connection.execute(query).scalars()]


def _audit(raw: dict[str, Any]) -> Audit:
    fixed = {
        "at": datetime.fromisoformat(raw["at"]),
        "interval": _interval(raw["interval"]),
        "drifts": tuple(_drift(item) for item in raw["drifts"]),
        "difference": {name: Decimal(text) for name, text in raw["difference"].items()},
    }
    return Audit(**(raw | fixed))


def _interval(raw: dict[str, str] | None) -> Interval | None:
    if raw is None:
        return None
    return Interval(datetime.fromisoformat(raw["start"]), datetime.fromisoformat(raw["end"]))


def _drift(raw: dict[str, Any]) -> Drift:
    fixed = {
        "grain": Grain(raw["grain"]),
        "bucket": datetime.fromisoformat(raw["bucket"]),
        "end": datetime.fromisoformat(raw["end"]),
        "dims": tuple(raw["dims"]),
        "state": None if raw["state"] is None else Decimal(raw["state"]),
        "source": None if raw["source"] is None else Decimal(raw["source"]),
    }
    return Drift(**(raw | fixed))
