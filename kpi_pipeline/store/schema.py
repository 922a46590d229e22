"""The state database's tables; every pipeline's state in one schema, apart by `pipeline_id`."""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Interval,
    LargeBinary,
    MetaData,
    Numeric,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

SCHEMA = "kpi"
metadata = MetaData(schema=SCHEMA)
MOMENT = DateTime(timezone=True)


def _pipeline() -> Column[int]:
    return Column("pipeline_id", SmallInteger, ForeignKey("pipeline.id"), nullable=False)


def _pipeline_key() -> Column[int]:
    return Column("pipeline_id", SmallInteger, ForeignKey("pipeline.id"), primary_key=True)


pipeline = Table(
    "pipeline",
    metadata,
    Column("id", SmallInteger, Identity(), primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("revision", BigInteger, nullable=False, server_default="0"),
    Column("position", Text),
    Column("definitions", JSONB, nullable=False, server_default="{}"),
    Column("watermark", MOMENT),
    Column("recent", JSONB, nullable=False, server_default="[]"),
    Column("as_of", MOMENT),
    Column("guarantee", Text),
    Column("minutes_from", MOMENT),
    Column("rolled_until", MOMENT),
)

series = Table(
    "series",
    metadata,
    Column("id", Integer, Identity(), primary_key=True),
    _pipeline(),
    Column("metric", Text, nullable=False),
    Column("definition", Text, nullable=False),
    Column("dims", ARRAY(Text), nullable=False),
    UniqueConstraint("pipeline_id", "metric", "definition", "dims"),
    comment="One metric of one definition for one group of values.",
)

partial = Table(
    "partial",
    metadata,
    # No foreign keys: they cost more than all else in a bulk write.
    Column("pipeline_id", SmallInteger, primary_key=True),
    Column("grain", Text, primary_key=True),
    Column("bucket", MOMENT, primary_key=True),
    Column("series_id", Integer, primary_key=True),
    Column("rows", BigInteger, nullable=False),
    Column("n", BigInteger, nullable=False),
    Column("total", Numeric),
    Column("low", Numeric),
    Column("high", Numeric),
    Column("sketch", LargeBinary),
    Column("value", Numeric, comment="What the sketch of this bucket alone says."),
    comment="What the rows of one bucket contribute to one series; replaced, never added to.",
)

member = Table(
    "member",
    metadata,
    _pipeline_key(),
    Column("value", Text, primary_key=True),
    Column("id", Integer, nullable=False),
    UniqueConstraint("pipeline_id", "id"),
    comment="Dense ids for the values that distinct counts count.",
)

retired = Table(
    "retired",
    metadata,
    _pipeline_key(),
    Column("metric", Text, primary_key=True),
    Column("definition", Text, primary_key=True),
    Column("at", MOMENT, nullable=False),
    comment="Definitions that no commit has any more; their rows are purged later.",
)

dirty = Table(
    "dirty",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    _pipeline(),
    Column("start", MOMENT, nullable=False),
    Column("end", MOMENT, nullable=False),
    Column("cause", Text, nullable=False),
    Column("metrics", ARRAY(Text), nullable=False, server_default="{}"),
    Index("dirty_pipeline", "pipeline_id"),
    comment="Ranges of event time that wait to be folded.",
)

rewind = Table(
    "rewind",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    _pipeline(),
    Column("at", MOMENT, nullable=False, server_default=func.now()),
    Column("since", MOMENT),
    Column("start", MOMENT),
    Column("end", MOMENT),
    Column("why", Text, nullable=False),
    Index("rewind_pipeline", "pipeline_id", "at"),
)

step = Table(
    "step",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    _pipeline(),
    Column("kind", Text, nullable=False),
    Column("at", MOMENT, nullable=False),
    Column("spans", JSONB, nullable=False),
    Index("step_pipeline", "pipeline_id", "id"),
    comment="Which buckets each commit replaced.",
)

correction = Table(
    "correction",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    _pipeline(),
    Column("at", MOMENT, nullable=False),
    Column("grain", Text, nullable=False),
    Column("bucket", MOMENT, nullable=False),
    Column("metric", Text, nullable=False),
    Column("dims", ARRAY(Text), nullable=False),
    Column("why", Text, nullable=False),
    Column("rows_before", BigInteger, nullable=False),
    Column("rows_after", BigInteger, nullable=False),
    Column("before", Numeric),
    Column("after", Numeric),
    Column("lateness", Interval, nullable=False),
    Index("correction_pipeline", "pipeline_id", "at"),
    comment="Buckets that changed after a snapshot had shown them whole.",
)

audit = Table(
    "audit",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    _pipeline(),
    Column("at", MOMENT, nullable=False),
    Column("all_history", Boolean, nullable=False),
    Column("complete", Boolean, nullable=False),
    Column("drifted", BigInteger, nullable=False),
    Column("body", JSONB, nullable=False),
    Index("audit_pipeline", "pipeline_id", "id"),
    comment="The state held against the source, and what differed.",
)

snapshot = Table(
    "snapshot",
    metadata,
    _pipeline_key(),
    Column("revision", BigInteger, primary_key=True),
    Column("as_of", MOMENT, nullable=False),
    Column("computed_at", MOMENT, nullable=False),
    Column("body", JSONB, nullable=False),
)

episode = Table(
    "episode",
    metadata,
    _pipeline_key(),
    Column("rule", Text, primary_key=True),
    Column("dims", ARRAY(Text), primary_key=True),
    Column("definition", Text, nullable=False),
    Column("phase", Text, nullable=False),
    Column("level", Text, nullable=False),
    Column("notified", Text, nullable=False),
    Column("told", ARRAY(Text), nullable=False),
    Column("number", Integer, nullable=False),
    Column("since", MOMENT),
    Column("looks", Integer, nullable=False),
    Column("peak", Numeric),
    Column("notified_at", MOMENT),
    Column("reminders", Integer, nullable=False, server_default="0"),
    Column("acknowledged", MOMENT),
    Column("clear_since", MOMENT),
    Column("baseline", Numeric),
)

mute = Table(
    "mute",
    metadata,
    _pipeline_key(),
    Column("rule", Text, primary_key=True),
    Column("until", MOMENT, nullable=False),
    Column("why", Text, nullable=False, server_default=""),
    Column("by", Text, nullable=False, server_default=""),
    comment="Rules that a person has silenced for a while.",
)

transition = Table(
    "transition",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    _pipeline(),
    Column("revision", BigInteger, nullable=False),
    Column("rule", Text, nullable=False),
    Column("dims", ARRAY(Text), nullable=False),
    Column("number", Integer, nullable=False),
    Column("before", Text, nullable=False),
    Column("after", Text, nullable=False),
    Column("level", Text, nullable=False),
    Column("value", Numeric),
    Column("at", MOMENT, nullable=False),
    Column("reason", Text, nullable=False),
    Column("suppressed", Text, nullable=False, server_default=""),
    Index("transition_pipeline", "pipeline_id", "at"),
    comment="Every change of an alert's state, for the record.",
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    _pipeline(),
    Column("key", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("notice", JSONB, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("ambiguous", Boolean, nullable=False, server_default="false"),
    Column("created_at", MOMENT, nullable=False, server_default=func.now()),
    Column("next_at", MOMENT, nullable=False, server_default=func.now()),
    Column("claimed_at", MOMENT),
    Column("sent_at", MOMENT),
    Column("reference", Text),
    Column("error", Text),
    Column("stands_for", Text, comment="The channel that refused it."),
    UniqueConstraint("key", "channel"),
    Index("outbox_episode", "pipeline_id", text("(notice ->> 'episode_key')")),
    Index(
        "outbox_line",
        "pipeline_id",
        "channel",
        text("(notice ->> 'episode_key')"),
        "id",
        postgresql_where="state IN ('pending', 'sending')",
    ),
    Index(
        "outbox_waiting", "pipeline_id", "id", postgresql_where="state IN ('pending', 'sending')"
    ),
)

channel = Table(
    "channel",
    metadata,
    Column("name", Text, primary_key=True),
    Column("open_at", MOMENT, nullable=False),
    comment="When a channel takes the next message; of all pipelines.",
)

pulse = Table(
    "pulse",
    metadata,
    _pipeline_key(),
    Column("looked_at", MOMENT),
    Column("failing_since", MOMENT),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("fired_at", MOMENT),
    Column("number", Integer, nullable=False, server_default="0"),
    Column("told", ARRAY(Text), nullable=False, server_default="{}"),
    Column("why", Text, nullable=False, server_default=""),
    Column("notified_at", MOMENT),
    Column("reminders", Integer, nullable=False, server_default="0"),
    Column("acknowledged", MOMENT),
    comment="Whether ticks and runs go well, and since when not.",
)

tick = Table(
    "tick",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    _pipeline(),
    Column("at", MOMENT, nullable=False, server_default=func.clock_timestamp()),
    Column("kind", Text, nullable=False),
    Column("as_of", MOMENT),
    Column("watermark", MOMENT),
    Column("rows", BigInteger, nullable=False),
    Column("reason", Text, nullable=False),
    Index("tick_pipeline", "pipeline_id", "id"),
    comment="Looks, runs and failures of the last day.",
)
