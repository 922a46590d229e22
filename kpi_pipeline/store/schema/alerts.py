"""Where alerts stand, what they did, and what waits to be told."""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    Identity,
    Index,
    Integer,
    Numeric,
    Table,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from kpi_pipeline.store.schema.base import MOMENT, metadata, pipeline_column, pipeline_key

episode = Table(
    "episode",
    metadata,
    pipeline_key(),
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
    pipeline_key(),
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
    pipeline_column(),
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
    pipeline_column(),
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
    pipeline_key(),
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
