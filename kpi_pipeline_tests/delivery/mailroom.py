"""An outbox on a real database, real channels before a Slack peer, and a clock to be set on."""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from sqlalchemy import insert, text

from kpi_pipeline.model.declaration.lines import parse_text
from kpi_pipeline.model.notice import Level, Notice, NoticeKind
from kpi_pipeline.model.outbox import OutboxState
from kpi_pipeline.notify.log import LogNotifier
from kpi_pipeline.notify.slack_bot import SlackBot
from kpi_pipeline.pipeline.deliver import Delivered, deliver
from kpi_pipeline.ports.delivery import Notifier
from kpi_pipeline.store import schema
from kpi_pipeline.store.codec import dump_notice
from kpi_pipeline.store.engine import state_engine
from kpi_pipeline.store.migrate import migrate
from kpi_pipeline.store.outbox import PostgresOutbox
from kpi_pipeline.store.pipelines import pipeline_id
from kpi_pipeline_tests.notify.slack_peer import CHANNEL, TOKEN, SlackPeer
from kpi_pipeline_tests.sales import DECLARATION

FIRE, ESCALATE = NoticeKind.FIRE, NoticeKind.ESCALATE
REMIND, RESOLVE = NoticeKind.REMIND, NoticeKind.RESOLVE
ACKNOWLEDGE = NoticeKind.ACKNOWLEDGE
LATER = """
UPDATE kpi.outbox SET claimed_at = claimed_at - CAST(:time AS interval),
  next_at = next_at - CAST(:time AS interval);
UPDATE kpi.channel SET open_at = open_at - CAST(:time AS interval)
"""
NAME = "sales"


def notice(kind: NoticeKind = FIRE, episode: int = 1, number: int = 0) -> Notice:
    """A message about one episode of the rule `milestone`."""
    key = f"{NAME}/milestone/{episode}"
    return Notice(
        key=f"{key}/{kind.value}/warn" + (f"/{number}" if number else ""),
        episode_key=key,
        pipeline=NAME,
        rule="milestone",
        kind=kind,
        level=Level.WARN,
        text=f"{kind.value} {number} of {episode}",
        headline=f"{NAME}: milestone",
        facts=(("Value", "1,200.00"), ("Worst", str(Decimal(1500)))),
        number=number,
    )


class SlowBot(SlackBot):
    """The bot at a pace that no machine is too slow to see."""

    @property
    def pace(self) -> float:
        return 10.0


class Mailroom:
    """One pipeline's outbox, with `slack` at a peer, `slack:C0OUT` refused, and the log."""

    def __init__(self, url: str, peer: SlackPeer, name: str = NAME) -> None:
        self.engine = state_engine(url)
        migrate(self.engine)
        self.peer = peer
        self.outbox = PostgresOutbox(self.engine, name)
        self.spec = parse_text(NAME, DECLARATION, "defs.yaml")
        self.channels: dict[str, Notifier] = {
            "slack": SlowBot(TOKEN, CHANNEL, base_url=peer.api_url, timeout=2),
            "slack:C0OUT": SlackBot(TOKEN, "C0OUT", base_url=peer.api_url, timeout=2),
            "log": LogNotifier("log"),
        }
        with self.engine.begin() as connection:
            self.id = pipeline_id(connection, name)

    def rule(self, *notify: str) -> None:
        """Let the rule tell these channels."""
        rules = {"milestone": replace(self.spec.thresholds["milestone"], notify=notify)}
        self.spec = replace(self.spec, thresholds=rules)

    def queue(self, *notices: Notice, channel: str = "slack", age: float = 0) -> None:
        """Commit messages as a run does, perhaps some seconds ago."""
        with self.engine.begin() as connection:
            now = connection.execute(text("SELECT now()")).scalar_one() - timedelta(seconds=age)
            rows = [
                {
                    "pipeline_id": self.id,
                    "key": item.key,
                    "channel": channel,
                    "notice": dump_notice(item),
                    "state": OutboxState.PENDING.value,
                    "created_at": now,
                    "next_at": now,
                }
                for item in notices
            ]
            connection.execute(insert(schema.outbox), rows)

    def relay(self, rest: Callable[[float], None] | None = None) -> Delivered:
        """Run one relay to its end; without a rest, a channel's pace is its end."""
        return deliver(
            self.outbox,
            self.channels,
            budget=timedelta(seconds=20),
            clock=time.monotonic,
            rest=rest,
            spec=self.spec,
        )

    def relay_all(self) -> None:
        """Let time pass and relays run until nothing waits."""
        while self.outbox.soonest(timedelta(minutes=1)) is not None:
            self.relay()
            self.later(minutes=15)

    def later(self, **time: float) -> None:
        """Time passes: waits are over, leases run out, channels open."""
        with self.engine.begin() as connection:
            for statement in LATER.split(";"):
                connection.execute(text(statement), {"time": timedelta(**time)})

    def states(self, channel: str = "slack") -> list[str]:
        """How each message of a channel stands, in order."""
        found = self.outbox.entries(timedelta(days=9))
        return [entry.state.value for entry in found if entry.channel == channel]

    def texts(self) -> list[str]:
        """What was posted to the peer, in order, whatever it was changed to."""
        return [str(message.get("posted", message["text"])) for message in self.peer.messages]

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()
