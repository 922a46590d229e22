"""Mutes, and whatever else rules are judged by beside the snapshot."""

from datetime import datetime

from sqlalchemy import Connection, delete, select, text
from sqlalchemy.dialects.postgresql import insert as upsert

from kpi_pipeline.model.episode import Mute
from kpi_pipeline.model.surroundings import Surroundings
from kpi_pipeline.store import schema

# One statement: it is asked at every look.
SURROUNDINGS_SQL = text("""
SELECT m.rule, m.until, m.why, m.by,
       (SELECT drifted FROM kpi.audit WHERE pipeline_id = :id ORDER BY id DESC LIMIT 1) AS drifted
FROM (VALUES (1)) AS always(one)
LEFT JOIN kpi.mute AS m ON m.pipeline_id = :id AND m.until > :now
ORDER BY m.rule
""")


def load_surroundings(connection: Connection, id_: int, now: datetime) -> Surroundings:
    """The mutes that hold at a moment, and what the newest audit found."""
    rows = connection.execute(SURROUNDINGS_SQL, {"id": id_, "now": now}).all()
    mutes = (Mute(rule=r.rule, until=r.until, why=r.why, by=r.by) for r in rows if r.rule)
    return Surroundings(mutes=tuple(mutes), drifted=rows[0].drifted)


def load_mutes(connection: Connection, id_: int) -> tuple[Mute, ...]:
    """Every mute that is written down, over or not."""
    table = schema.mute
    rows = connection.execute(select(table).where(table.c.pipeline_id == id_).order_by("rule"))
    return tuple(Mute(rule=r.rule, until=r.until, why=r.why, by=r.by) for r in rows)


def save_mute(connection: Connection, id_: int, mute: Mute) -> None:
    """Silence a rule; a mute of the same rule is replaced."""
    values = {"until": mute.until, "why": mute.why, "by": mute.by}
    statement = upsert(schema.mute).values(pipeline_id=id_, rule=mute.rule, **values)
    keys = ("pipeline_id", "rule")
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=values))


def drop_mute(connection: Connection, id_: int, rule: str) -> bool:
    """Let a rule speak again; False if it was not muted."""
    table = schema.mute
    mine = (table.c.pipeline_id == id_, table.c.rule == rule)
    return bool(connection.execute(delete(table).where(*mine)).rowcount)
