"""Ticks: what each look and run of the last day did."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, insert, select

from kpi_pipeline.model.live import Tick, TickKind
from kpi_pipeline.store import schema

KEPT = timedelta(days=1)
SELDOM = 64
"""Ticks from one cleaning to the next; of all pipelines, since their ids are counted together."""
TICK = schema.tick.c


def record_tick(connection: Connection, id_: int, tick: Tick) -> None:
    """Write a tick down; now and then those of every pipeline that are a day old are dropped."""
    row = asdict(tick) | {"pipeline_id": id_, "kind": tick.kind.value}
    del row["at"]  # the database's clock says
    place = connection.execute(insert(schema.tick).values(row).returning(TICK.id)).scalar_one()
    if place % SELDOM == 0:
        connection.execute(delete(schema.tick).where(TICK.at < func.clock_timestamp() - KEPT))


def load_ticks(connection: Connection, id_: int, most: int) -> Sequence[Tick]:
    """The last ticks, newest first."""
    query = select(schema.tick).where(TICK.pipeline_id == id_).order_by(TICK.id.desc())
    return [
        Tick(
            kind=TickKind(row.kind),
            at=row.at,
            as_of=row.as_of,
            watermark=row.watermark,
            rows=row.rows,
            reason=row.reason,
        )
        for row in connection.execute(query.limit(most))
    ]


def last_look(connection: Connection, id_: int) -> datetime | None:
    """As-of of the newest tick that knows that the state was whole then; None if none does."""
    good = select(TICK.as_of).where(TICK.pipeline_id == id_, TICK.as_of.is_not(None))
    found: datetime | None = connection.execute(good.order_by(TICK.id.desc()).limit(1)).scalar()
    return found
