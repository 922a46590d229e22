"""What was written down about a pipeline, for people; see the `Records` port."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Engine, select

from kpi_pipeline.model.audit import Audit
from kpi_pipeline.model.correction import Change
from kpi_pipeline.model.live import Tick
from kpi_pipeline.model.moment import Interval
from kpi_pipeline.model.notice import RUN_LINK
from kpi_pipeline.model.outbox import OutboxState
from kpi_pipeline.model.state import Rewound
from kpi_pipeline.store import schema
from kpi_pipeline.store.audits import load_telling_audits
from kpi_pipeline.store.engine import transaction
from kpi_pipeline.store.ledger import load_changes
from kpi_pipeline.store.pipelines import pipeline_id
from kpi_pipeline.store.ticks import load_ticks

OUTBOX, REWIND = schema.outbox.c, schema.rewind.c


class PostgresRecords:
    """Reads each kind of record in a transaction of its own."""

    def __init__(self, engine: Engine, name: str) -> None:
        self.engine = engine
        self.name = name

    def ticks(self, most: int) -> Sequence[Tick]:
        """The last ticks, newest first."""
        with transaction(self.engine) as connection:
            return load_ticks(connection, pipeline_id(connection, self.name), most)

    def rewinds(self, since: datetime, most: int) -> Sequence[Rewound]:
        """Why ranges were folded again, newest first."""
        with transaction(self.engine) as connection:
            mine = (REWIND.pipeline_id == pipeline_id(connection, self.name), REWIND.at >= since)
            query = select(schema.rewind).where(*mine).order_by(REWIND.id.desc()).limit(most)
            return [
                Rewound(
                    at=row.at,
                    since=row.since,
                    interval=None if row.start is None else Interval(row.start, row.end),
                    why=row.why,
                )
                for row in connection.execute(query)
            ]

    def changes(self, since: datetime, most: int) -> Sequence[Change]:
        """What the newest looks that found shown numbers changed, found; newest first."""
        with transaction(self.engine) as connection:
            return load_changes(connection, pipeline_id(connection, self.name), since, most)

    def audits(self, since: datetime, most: int) -> Sequence[Audit]:
        """Those that found drift, and the newest of all history that found none; newest first."""
        with transaction(self.engine) as connection:
            return load_telling_audits(connection, pipeline_id(connection, self.name), since, most)

    def runs(self, episodes: Collection[str]) -> Mapping[str, str]:
        """Address of the run that told of an episode first, by the key of its messages."""
        key = OUTBOX.notice["episode_key"].astext
        with transaction(self.engine) as connection:
            mine = OUTBOX.pipeline_id == pipeline_id(connection, self.name)
            query = select(OUTBOX.notice).where(mine, key.in_(episodes)).order_by(OUTBOX.id)
            found: dict[str, str] = {}
            for notice in connection.execute(query).scalars():
                run = dict(notice["links"]).get(RUN_LINK)
                if run:
                    found.setdefault(notice["episode_key"], run)
            return found

    def messages(
        self, episodes: Collection[str]
    ) -> Mapping[str, Mapping[str, frozenset[OutboxState]]]:
        """How the messages of episodes stand, by their key and by channel."""
        key = OUTBOX.notice["episode_key"].astext
        found: dict[str, dict[str, frozenset[OutboxState]]] = {name: {} for name in episodes}
        with transaction(self.engine) as connection:
            mine = (OUTBOX.pipeline_id == pipeline_id(connection, self.name), key.in_(episodes))
            query = select(key, OUTBOX.channel, OUTBOX.state).where(*mine).distinct()
            for episode, channel, state in connection.execute(query):
                known = found[episode].get(channel, frozenset())
                found[episode][channel] = known | {OutboxState(state)}
        return found
