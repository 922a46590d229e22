"""`kill -9` at every step of a relay, and an hour without Slack: none lost, none doubled."""

import signal
import subprocess
import sys
from datetime import timedelta

import pytest

from kpi_pipeline_tests.delivery.mailroom import ESCALATE, FIRE, RESOLVE, Mailroom, notice
from kpi_pipeline_tests.notify.slack_peer import CHANNEL, TOKEN

RELAY = """
import os, signal, sys, time
from datetime import timedelta
from sqlalchemy import event
from kpi_pipeline.notify.slack_bot import SlackBot
from kpi_pipeline.pipeline.deliver import deliver
from kpi_pipeline.store.engine import state_engine
from kpi_pipeline.store.outbox import PostgresOutbox

url, api, token, channel, step = sys.argv[1:]
engine, commits = state_engine(url), []

def die_at(passed):
    if passed == step:
        os.kill(os.getpid(), signal.SIGKILL)

@event.listens_for(engine, "commit")
def committing(connection):
    commits.append(connection)
    die_at(f"in transaction {len(commits)}")

class Outbox(PostgresOutbox):
    def claim(self, lease, paces):
        queued = super().claim(lease, paces)
        die_at("claimed")
        return queued

    def settle(self, queued, delivery):
        die_at("before settling")
        super().settle(queued, delivery)
        die_at("settled")

class Bot(SlackBot):
    def deliver(self, notice, root=""):
        die_at("before sending")
        return super().deliver(notice, root)

notifiers = {"slack": Bot(token, channel, base_url=api)}
deliver(Outbox(engine, "sales"), notifiers, budget=timedelta(seconds=20), clock=time.monotonic)
"""
STEPS = (
    "in transaction 1",
    "claimed",
    "before sending",
    "before settling",
    "in transaction 2",
    "settled",
)


def relay_killed_at(room: Mailroom, step: str) -> int:
    url = room.engine.url.render_as_string(hide_password=False)
    words = [url, room.peer.api_url, TOKEN, CHANNEL, step]
    return subprocess.run([sys.executable, "-c", RELAY, *words], timeout=60, check=False).returncode


@pytest.mark.parametrize("step", STEPS)
def test_a_relay_killed_at_any_step_loses_nothing_and_doubles_nothing(
    room: Mailroom, step: str
) -> None:
    room.queue(notice(), notice(ESCALATE), notice(episode=2))

    assert relay_killed_at(room, step) == -signal.SIGKILL
    room.later(minutes=15)
    room.relay_all()

    assert sorted(room.texts()) == ["escalate 0 of 1", "fire 0 of 1", "fire 0 of 2"]
    assert room.texts().index("fire 0 of 1") < room.texts().index("escalate 0 of 1")
    assert room.states() == ["sent", "sent", "sent"]


def test_relays_killed_one_after_the_other_tell_each_problem_once(room: Mailroom) -> None:
    for step in STEPS:
        room.queue(*(notice(episode=len(room.states()) + number) for number in range(2)))
        relay_killed_at(room, step)
        room.later(minutes=2)

    room.relay_all()

    assert sorted(room.texts()) == sorted({f"fire 0 of {number}" for number in range(12)})


@pytest.mark.parametrize("step", STEPS)
def test_an_episode_that_ends_after_a_crash_is_told_from_its_beginning_or_late(
    room: Mailroom, step: str
) -> None:
    room.queue(notice())
    relay_killed_at(room, step)
    room.queue(notice(RESOLVE))
    room.later(minutes=15)

    room.relay_all()

    texts = room.texts()
    if step in {"before settling", "in transaction 2", "settled"}:
        assert texts == ["fire 0 of 1", "resolve 0 of 1"]
    else:
        assert len(texts) == 1
        assert texts[0].startswith("LATE")


def test_an_hour_without_slack_tells_each_problem_once_and_past_ones_late(
    room: Mailroom,
) -> None:
    room.peer.channels[CHANNEL] = "internal_error"
    for minute in range(0, 60, 5):
        if minute < 30:
            room.queue(notice(FIRE, episode=minute))
        if 10 <= minute < 25:
            room.queue(notice(RESOLVE, episode=minute - 10))
        room.relay()
        room.later(minutes=5)
    assert room.peer.messages == []
    room.peer.channels[CHANNEL] = ""

    room.relay_all()

    texts = room.texts()
    assert [text.startswith("LATE") for text in texts].count(True) == 3
    assert sorted(text for text in texts if not text.startswith("LATE")) == [
        f"fire 0 of {minute}" for minute in (15, 20, 25)
    ]
    assert room.outbox.soonest(timedelta(minutes=1)) is None
