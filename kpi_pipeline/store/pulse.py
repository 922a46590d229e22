"""The pulse: one row a pipeline, and the messages that follow from it."""

from dataclasses import asdict, fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from kpi_pipeline.compute.failing import Beat
from kpi_pipeline.compute.failure_messages import failure_episode
from kpi_pipeline.compute.judgement import Judgement
from kpi_pipeline.model.episode import Episode, Mute, Phase
from kpi_pipeline.model.live import Tick
from kpi_pipeline.model.pulse import RULE, Life, Pulse
from kpi_pipeline.ports.pulse import Step
from kpi_pipeline.store import schema
from kpi_pipeline.store.alerts import load_episodes, record_judgement
from kpi_pipeline.store.engine import transaction
from kpi_pipeline.store.pipelines import pipeline_id
from kpi_pipeline.store.ticks import record_tick

HELD_SQL = text("""
SELECT l.*, clock_timestamp() AS now, to_jsonb(m) AS mute FROM kpi.pulse l
LEFT JOIN kpi.mute m ON m.pipeline_id = l.pipeline_id AND m.rule = :rule
  AND m.until > clock_timestamp()
WHERE l.pipeline_id = (SELECT id FROM kpi.pipeline WHERE name = :name) FOR UPDATE OF l
""")
TABLES_SQL = text("SELECT to_regclass('kpi.pulse') IS NOT NULL")
LIFE_SQL = text("""
SELECT clock_timestamp() - s.computed_at AS published, clock_timestamp() - l.looked_at AS looked,
  clock_timestamp() - l.failing_since AS failing, coalesce(l.why, '') AS why,
  s.computed_at AS published_at, l.looked_at
FROM kpi.pipeline p LEFT JOIN kpi.pulse l ON l.pipeline_id = p.id
LEFT JOIN LATERAL (SELECT computed_at FROM kpi.snapshot WHERE pipeline_id = p.id
  ORDER BY revision DESC LIMIT 1) s ON true
WHERE p.name = :name
""")
NO_LIFE = Life(published=None, looked=None, failing=None, why="")


class PostgresPulse:
    """How ticks and runs of one pipeline go, in the state database.

    Attributes:
        engine: The state database.
        name: The pipeline's.
        links: Label and address, for messages.
    """

    def __init__(self, engine: Engine, name: str, links: tuple[tuple[str, str], ...] = ()) -> None:
        self.engine = engine
        self.name = name
        self.links = links

    def change(self, step: Step, tick: Tick | None = None) -> None:
        """Take one step from the pulse as it is, and write what it says, and the tick."""
        with transaction(self.engine) as connection:
            id_, now, before, mute = _held(connection, self.name)
            beat = step(before, now, mute)
            if beat.pulse != before:
                row = asdict(beat.pulse) | {"told": list(beat.pulse.told)}
                table = schema.pulse
                connection.execute(update(table).where(table.c.pipeline_id == id_).values(**row))
            _record(connection, id_, beat, self.links)
            if tick is not None:
                record_tick(connection, id_, tick)

    def life(self) -> Life:
        """The last signs of life; changes nothing."""
        with transaction(self.engine) as connection:
            there = connection.execute(TABLES_SQL).scalar()
            return read_life(connection, self.name) if there else NO_LIFE


def read_life(connection: Connection, name: str) -> Life:
    """The last signs of life of a pipeline."""
    row = connection.execute(LIFE_SQL, {"name": name}).first()
    return NO_LIFE if row is None else Life(**row._asdict())


def load_open(connection: Connection, id_: int) -> tuple[Episode, ...]:
    """Where every alert stands that is not all right, failing ticks and runs too."""
    known, failing = load_episodes(connection, id_).values(), _failing(connection, id_)
    open_ = (each for each in known if each.phase is not Phase.OK)
    return (*open_, *([failing] if failing else []))


def _failing(connection: Connection, id_: int) -> Episode | None:
    """The failures as an alert; None while all goes well."""
    table = schema.pulse
    query = select(table).where(table.c.pipeline_id == id_, table.c.failing_since.is_not(None))
    row = connection.execute(query).mappings().one_or_none()
    return None if row is None else failure_episode(_pulse(dict(row)))


def _held(connection: Connection, name: str) -> tuple[int, datetime, Pulse, Mute | None]:
    """The pipeline's id, the clock, the row, held until the transaction ends, and its mute.

    One statement, because every idle tick makes it.
    """
    wanted = {"name": name, "rule": RULE}
    found = connection.execute(HELD_SQL, wanted).mappings().one_or_none()
    if found is None:
        fresh = upsert(schema.pulse).values(pipeline_id=pipeline_id(connection, name))
        connection.execute(fresh.on_conflict_do_nothing())
        return _held(connection, name)
    row = dict(found)
    now, mute = row.pop("now"), row.pop("mute")
    return row["pipeline_id"], now, _pulse(row), mute and _mute(mute)


def _pulse(row: dict[str, Any]) -> Pulse:
    """By what this release knows: a newer one may have added columns under a running process."""
    known = {item.name: row[item.name] for item in fields(Pulse)}
    return Pulse(**known | {"told": tuple(row["told"])})


def _mute(row: dict[str, str]) -> Mute:
    until = datetime.fromisoformat(row["until"])
    return Mute(rule=row["rule"], until=until, why=row["why"], by=row["by"])


def _record(
    connection: Connection, id_: int, beat: Beat, links: tuple[tuple[str, str], ...]
) -> None:
    if beat.transition is None:
        return
    table = schema.pipeline
    query = select(table.c.revision).where(table.c.id == id_)
    said = None if beat.notice is None else replace(beat.notice, links=links)
    told = () if said is None else tuple((name, said) for name in beat.told)
    judgement = Judgement(verdicts=(), episodes=(), transitions=(beat.transition,), notices=told)
    record_judgement(connection, id_, connection.execute(query).scalar_one(), judgement)
