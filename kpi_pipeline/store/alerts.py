"""Episodes, their log, and the outbox rows that commit with them."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, case, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert

from kpi_pipeline.compute.judgement import Judgement
from kpi_pipeline.model.batch import Dims
from kpi_pipeline.model.episode import Episode, Phase, Transition
from kpi_pipeline.model.notice import Level, Notice
from kpi_pipeline.model.outbox import OutboxState
from kpi_pipeline.store import schema
from kpi_pipeline.store.codec import dump_notice


def load_episodes(connection: Connection, id_: int) -> dict[tuple[str, Dims], Episode]:
    """Alert state by rule and group."""
    table = schema.episode
    rows = connection.execute(select(table).where(table.c.pipeline_id == id_)).mappings()
    return {(item.rule, item.dims): item for item in (_episode(dict(row)) for row in rows)}


def record_judgement(connection: Connection, id_: int, revision: int, judgement: Judgement) -> None:
    """Write what changed, and the messages to send."""
    if judgement.transitions:
        rows = [_transition(id_, revision, item) for item in judgement.transitions]
        connection.execute(insert(schema.transition), rows)
    queue(connection, id_, judgement.notices)


def queue(connection: Connection, id_: int, notices: Iterable[tuple[str, Notice]]) -> None:
    """Queue messages, each for a channel; one that is there already stays as it is."""
    rows = [_message(id_, channel, notice) for channel, notice in notices]
    if rows:
        connection.execute(upsert(schema.outbox).on_conflict_do_nothing(), rows)


def save_episodes(connection: Connection, id_: int, episodes: Iterable[Episode]) -> None:
    """Write the next alert state of the episodes that changed: all at once, they may be many."""
    table, rows = schema.episode, [_row(id_, episode) for episode in episodes]
    if not rows:
        return
    statement = upsert(table)
    keys = ("pipeline_id", "rule", "dims")
    changed: dict[str, ColumnElement[Any]]
    changed = {key: statement.excluded[key] for key in rows[0] if key not in keys}
    changed["acknowledged"] = _acknowledged(table, statement.excluded)
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=changed), rows)


def _row(id_: int, episode: Episode) -> dict[str, Any]:
    lists = {"dims": list(episode.dims), "told": list(episode.told)}
    return asdict(episode) | lists | {"pipeline_id": id_}


def _message(id_: int, channel: str, notice: Notice) -> dict[str, Any]:
    row = {"pipeline_id": id_, "key": notice.key, "channel": channel}
    return row | {"notice": dump_notice(notice), "state": OutboxState.PENDING.value}


def _acknowledged(table: Table, new: Any) -> ColumnElement[Any]:  # noqa: ANN401 - new values
    """What a person acknowledged while this was being decided stands, if it is still that.

    A fold writes whole rows, from what it read before; another episode, or a worse level, is not
    what the person saw.
    """
    same = and_(
        new.phase == Phase.FIRING.value,
        table.c.phase == Phase.FIRING.value,
        new.number == table.c.number,
        new.level == table.c.level,
    )
    return case((same, table.c.acknowledged), else_=new.acknowledged)


def _transition(id_: int, revision: int, item: Transition) -> dict[str, Any]:
    row = asdict(item) | {"pipeline_id": id_, "revision": revision}
    return row | {"dims": list(item.dims)}


def _episode(row: dict[str, Any]) -> Episode:
    del row["pipeline_id"]
    fixed = {
        "dims": tuple(row["dims"]),
        "told": tuple(row["told"]),
        "phase": Phase(row["phase"]),
        "level": Level(row["level"]),
        "notified": Level(row["notified"]),
    }
    return Episode(**(row | fixed))
