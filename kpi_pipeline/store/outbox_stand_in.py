"""Who stands in for a channel: notices that others are told in its place, each once."""

from collections import defaultdict
from collections.abc import Collection, Sequence

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from kpi_pipeline.compute.course import handed_over
from kpi_pipeline.model.notice import Notice
from kpi_pipeline.model.outbox import OutboxState, Queued
from kpi_pipeline.store import schema
from kpi_pipeline.store.codec import dump_notice, load_notice


def standing_in(
    connection: Connection, keys: Collection[str], channel: str
) -> defaultdict[str, set[str]]:
    """By the keys of some notices: who was told them in the place of a channel."""
    table = schema.outbox.c
    found: defaultdict[str, set[str]] = defaultdict(set)
    ours = (table.key.in_(keys), table.stands_for == channel)
    for row in connection.execute(select(table.key, table.channel).where(*ours)):
        found[row.key].add(row.channel)
    return found


def queue_instead(
    connection: Connection, pipeline: int, queued: Queued, wanted: Sequence[tuple[Notice, str]]
) -> set[tuple[str, str]]:
    """Queue notices for channels in another's place; those that have, or had, one are left out."""
    table = schema.outbox
    rows = [
        {
            "pipeline_id": pipeline,
            "key": told.key,
            "channel": channel,
            "notice": dump_notice(told),
            "state": OutboxState.PENDING.value,
            "stands_for": queued.channel,
        }
        for told, channel in wanted
    ]
    fresh = upsert(table).on_conflict_do_nothing().returning(table.c.key, table.c.channel)
    return {(row.key, row.channel) for row in connection.execute(fresh, rows)}


def adds(connection: Connection, key: str, channel: str, refusal: str) -> bool:
    """Whether the channel's own message was not tried yet; then it tells of the refusal too."""
    table = schema.outbox
    untried = (table.c.state == OutboxState.PENDING.value, table.c.attempts == 0)
    own = select(table).where(table.c.key == key, table.c.channel == channel, *untried)
    found = connection.execute(own.with_for_update()).one_or_none()
    if found is None:
        return False
    told = dump_notice(handed_over(load_notice(found.notice), refusal))
    connection.execute(update(table).where(table.c.id == found.id).values(notice=told))
    return True
