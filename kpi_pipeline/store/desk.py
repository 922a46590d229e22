"""What people do to alerts, in the state database."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, func, insert, select, text

from kpi_pipeline.compute.acknowledgement import acknowledgement
from kpi_pipeline.model.channel import hears_of_acknowledgement
from kpi_pipeline.model.episode import Episode, Mute, Phase, Transition
from kpi_pipeline.model.notice import Level
from kpi_pipeline.store import schema
from kpi_pipeline.store.alerts import queue
from kpi_pipeline.store.engine import transaction
from kpi_pipeline.store.mutes import drop_mute, load_mutes, save_mute
from kpi_pipeline.store.pipelines import pipeline_id
from kpi_pipeline.store.pulse import load_open
from kpi_pipeline.store.takeover import take

PATIENCE_SQL = text("SET LOCAL lock_timeout = '60s'")
# A fold holds the pipeline's row. Whoever took an episode's row first and then waited for the
# pipeline's would wait for a fold that waits for the episode's.
AFTER_FOLDS_SQL = text("SELECT id FROM kpi.pipeline WHERE id = :id FOR SHARE")
LOG = schema.transition.c


class PostgresDesk:
    """The alerts of one pipeline, for people; see the `Desk` port."""

    def __init__(self, engine: Engine, name: str) -> None:
        self.engine = engine
        self.name = name

    def now(self) -> datetime:
        """The state database's clock, which mutes are held against."""
        with transaction(self.engine) as connection:
            moment: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
        return moment

    def episodes(self) -> tuple[Episode, ...]:
        """Where every alert stands that is not all right."""
        with transaction(self.engine) as connection:
            return load_open(connection, pipeline_id(connection, self.name))

    def transitions(
        self, since: datetime, rules: Sequence[str] | None, most: int
    ) -> tuple[int, tuple[Transition, ...]]:
        """How many changes there were since a moment, of some rules or of all, and the newest."""
        with transaction(self.engine) as connection:
            mine = [LOG.pipeline_id == pipeline_id(connection, self.name), LOG.at >= since]
            if rules is not None:
                mine.append(LOG.rule.in_(rules))
            count = connection.execute(select(func.count()).where(*mine)).scalar_one()
            query = select(schema.transition).where(*mine).order_by(LOG.id.desc()).limit(most)
            rows = connection.execute(query).mappings().all()
        return count, tuple(_transition(dict(row)) for row in rows)

    def mutes(self) -> tuple[Mute, ...]:
        """The mutes that hold now."""
        now = self.now()
        with transaction(self.engine) as connection:
            found = load_mutes(connection, pipeline_id(connection, self.name))
        return tuple(mute for mute in found if mute.until > now)

    def mute(self, mute: Mute) -> None:
        """Silence a rule; a mute of the same rule is replaced."""
        with self._beside_folds() as (connection, id_):
            save_mute(connection, id_, mute)

    def unmute(self, rule: str) -> bool:
        """Let a rule speak again; False if it was not muted."""
        with self._beside_folds() as (connection, id_):
            return drop_mute(connection, id_, rule)

    def acknowledge(self, seen: Episode, why: str) -> bool:
        """Take over an episode as it was seen: nobody is reminded, and who was told hears of it.

        False if it is taken, over, or worse by now: a fold that this waits for may show another.
        """
        with self._beside_folds() as (connection, id_):
            taken = take(connection, id_, seen)
            if taken is None:
                return False
            fires = Phase.FIRING.value
            revision = select(schema.pipeline.c.revision).where(schema.pipeline.c.id == id_)
            values = {"pipeline_id": id_, "rule": seen.rule, "dims": list(seen.dims)}
            values |= {"number": seen.number, "level": seen.level.value, "reason": why}
            values |= {"before": fires, "after": fires, "at": taken.acknowledged}
            values |= {"revision": revision.scalar_subquery()}
            connection.execute(insert(schema.transition).values(values))
            notice = acknowledgement(self.name, seen, why)
            hearing = [name for name in taken.told if hears_of_acknowledgement(name)]
            queue(connection, id_, [(name, notice) for name in hearing])
            return True

    @contextmanager
    def _beside_folds(self) -> Iterator[tuple[Connection, int]]:
        """A transaction that waits for a fold to commit, and lets the next one wait."""
        with transaction(self.engine) as connection:
            id_ = pipeline_id(connection, self.name)
            connection.execute(PATIENCE_SQL)
            connection.execute(AFTER_FOLDS_SQL, {"id": id_})
            yield connection, id_


def _transition(row: dict[str, Any]) -> Transition:
    for key in ("id", "pipeline_id", "revision"):
        del row[key]
    fixed = {
        "dims": tuple(row["dims"]),
        "before": Phase(row["before"]),
        "after": Phase(row["after"]),
        "level": Level(row["level"]),
    }
    return Transition(**(row | fixed))
