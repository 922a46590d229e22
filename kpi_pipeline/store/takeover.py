"""A person takes an open episode over: of a rule, or of the pipeline's failures."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, func, update

from kpi_pipeline.model.episode import Episode, Phase
from kpi_pipeline.model.pulse import RULE
from kpi_pipeline.store import schema

STANDING, PULSE = schema.episode.c, schema.pulse.c


class Taken(NamedTuple):
    """The channels that were told of an episode, and when it was taken."""

    told: list[str]
    acknowledged: datetime


def take(connection: Connection, id_: int, seen: Episode) -> Taken | None:
    """Note that somebody took an episode; None if it is not as they saw it, or taken."""
    now = {"acknowledged": func.clock_timestamp()}
    if seen.rule == RULE:
        statement = (
            update(schema.pulse)
            .where(
                PULSE.pipeline_id == id_,
                PULSE.number == seen.number,
                PULSE.fired_at.is_not(None),
                PULSE.acknowledged.is_(None),
            )
            .values(now)
            .returning(PULSE.told, PULSE.acknowledged)
        )
    else:
        statement = (
            update(schema.episode)
            .where(
                STANDING.pipeline_id == id_,
                STANDING.rule == seen.rule,
                STANDING.dims == list(seen.dims),
                STANDING.number == seen.number,
                STANDING.level == seen.level.value,
                STANDING.phase == Phase.FIRING.value,
                STANDING.acknowledged.is_(None),
            )
            .values(now)
            .returning(STANDING.told, STANDING.acknowledged)
        )
    row = connection.execute(statement).one_or_none()
    return None if row is None else Taken(*row)
