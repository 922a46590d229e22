"""Purge: rows of metrics that are declared no more go away later, a bounded number at a time.

A definition is retired by the commit that no longer has it, and comes back by one that has it
again. Two processes that fold one pipeline by two declarations in turn, as while a new release is
rolled out, so retire and bring back the same definitions all day; what is purged has been out of
use for a whole day. Correctness does not rest on it: a definition that comes back is filled again
over all of history, whatever is left of it.

Series and members stay: they are small, and finding out that nobody uses one reads every bucket.
"""

from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import Connection, delete, func, select, text
from sqlalchemy.dialects.postgresql import insert

from kpi_pipeline.store import schema

REST = timedelta(days=1)
"""How long a definition is out of use before its rows go."""
Definitions = Mapping[str, str]

PURGE_SQL = text("""
DELETE FROM kpi.partial WHERE ctid = ANY(ARRAY(
  SELECT p.ctid FROM kpi.partial p
  WHERE p.pipeline_id = :id AND p.series_id IN (
    SELECT s.id FROM kpi.series s
    WHERE s.pipeline_id = :id AND s.metric = :metric AND s.definition = :definition)
  LIMIT :most))
""")


def retire(connection: Connection, id_: int, before: Definitions, after: Definitions) -> None:
    """Write down which definitions a commit no longer has; forget those that it has again.

    Callers hold the pipeline's row.
    """
    table = schema.retired
    for name, sign in after.items() - before.items():
        own = (table.c.pipeline_id == id_, table.c.metric == name, table.c.definition == sign)
        connection.execute(delete(table).where(*own))
    for name, sign in before.items() - after.items():
        row = {"pipeline_id": id_, "metric": name, "definition": sign, "at": func.now()}
        connection.execute(insert(table).values(**row).on_conflict_do_nothing())


def purge(connection: Connection, id_: int, most: int) -> int:
    """Drop up to so many rows of definitions that have been out of use for long; return how many.

    The pipeline's row is held, so that no commit brings a definition back meanwhile.
    """
    table = schema.retired
    old = (table.c.pipeline_id == id_, table.c.at < func.now() - REST)
    due = select(table.c.metric, table.c.definition).where(*old).order_by(table.c.at)
    if connection.execute(due.limit(1)).one_or_none() is None:
        return 0
    row = schema.pipeline.c
    connection.execute(select(row.id).where(row.id == id_).with_for_update())
    gone = 0
    for metric, definition in connection.execute(due).all():
        if gone < most:
            gone += _purge(connection, id_, metric, definition, most - gone)
    return gone


def _purge(connection: Connection, id_: int, metric: str, definition: str, most: int) -> int:
    which = {"id": id_, "metric": metric, "definition": definition}
    gone = connection.execute(PURGE_SQL, {**which, "most": most}).rowcount
    if gone < most:
        table = schema.retired
        own = (table.c.metric == metric, table.c.definition == definition)
        connection.execute(delete(table).where(table.c.pipeline_id == id_, *own))
    return gone
