"""The relay: order, threads, pace, and what becomes of messages that are overtaken."""

import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from kpi_pipeline.model.errors import DeliveryError
from kpi_pipeline.model.notice import Notice, NoticeKind
from kpi_pipeline.notify.email import Email
from kpi_pipeline.notify.email_server import MailServer
from kpi_pipeline.notify.log import LogNotifier
from kpi_pipeline.notify.slack_bot import SlackBot
from kpi_pipeline.pipeline import attempt
from kpi_pipeline.pipeline.deliver import deliver
from kpi_pipeline.ports.delivery import Notifier
from kpi_pipeline_tests.delivery.mailroom import (
    ESCALATE,
    FIRE,
    REMIND,
    RESOLVE,
    Mailroom,
    notice,
)
from kpi_pipeline_tests.notify.slack_peer import CHANNEL, TOKEN, Fault

LEASE = timedelta(minutes=1)


def test_messages_of_an_episode_leave_in_order_at_the_channels_pace(room: Mailroom) -> None:
    room.queue(notice(), notice(ESCALATE))

    sent = room.relay().sent

    assert len(sent) == 1
    wait = room.outbox.soonest(LEASE)
    assert wait is not None
    assert timedelta(0) < wait <= timedelta(seconds=10)
    room.later(seconds=10)
    room.relay()
    assert room.texts() == ["fire 0 of 1", "escalate 0 of 1"]


def test_a_message_that_waits_holds_back_its_own_episode_only(room: Mailroom) -> None:
    room.peer.fail(Fault(status=503), times=3)
    room.queue(notice(), notice(ESCALATE))
    for minutes in (1, 1, 0):  # so that the next wait is a minute
        room.relay()
        room.later(minutes=minutes)
    room.queue(notice(episode=2))
    room.later(seconds=10)

    room.relay()

    assert room.texts() == ["fire 0 of 2"]
    assert room.states() == ["pending", "pending", "sent"]


def test_the_root_is_the_first_message_that_the_channel_took(room: Mailroom) -> None:
    room.queue(notice(), notice(ESCALATE))
    room.relay()
    room.later(seconds=10)

    queued = room.outbox.claim(LEASE)

    assert queued is not None
    assert queued.root == room.peer.messages[0]["ts"]
    assert [(s.kind, s.state.value) for s in queued.siblings] == [(FIRE, "sent")]


def test_a_channel_without_a_pace_takes_all_at_once(room: Mailroom) -> None:
    room.queue(*(notice(episode=number) for number in range(5)), channel="log")

    assert len(room.relay().sent) == 5


def test_a_relay_that_may_rest_sends_at_the_channels_pace(room: Mailroom) -> None:
    room.queue(*(notice(episode=number) for number in range(3)))
    room.channels["slack"] = SlackBot(TOKEN, CHANNEL, base_url=room.peer.api_url)
    rests: list[float] = []

    def rest(seconds: float) -> None:
        rests.append(seconds)
        room.later(seconds=seconds)

    sent = room.relay(rest=rest).sent

    assert len(sent) == 3
    assert sum(rests) <= 2.0
    assert rests


def test_retry_after_closes_the_whole_channel_and_no_other(room: Mailroom) -> None:
    room.peer.fail(Fault(status=429, retry_after="90"))
    room.queue(notice(), notice(episode=2))
    room.queue(notice(), channel="log")
    room.relay()
    room.later(seconds=80)

    assert room.relay().sent == ()
    assert room.states() == ["pending", "pending"]
    assert room.states("log") == ["sent"]
    assert room.texts() == []
    room.later(seconds=10)
    room.relay_all()
    assert sorted(room.texts()) == ["fire 0 of 1", "fire 0 of 2"]


def test_pipelines_that_share_a_channel_keep_its_pace_together(room: Mailroom) -> None:
    other = Mailroom(room.engine.url.render_as_string(hide_password=False), room.peer, "other")
    room.queue(notice())
    other.queue(notice(episode=2))
    room.relay()

    assert other.relay().sent == ()
    other.later(seconds=10)
    assert len(other.relay().sent) == 1
    other.close()


@pytest.mark.parametrize("asked", ["1e300", "99999999", "-5"])
def test_a_channel_that_asks_for_too_much_is_tried_again_within_the_hour(
    room: Mailroom, asked: str
) -> None:
    room.peer.fail(Fault(status=429, retry_after=asked))
    room.queue(notice())
    room.relay()
    room.later(hours=1)

    assert len(room.relay().sent) == 1


def test_a_clock_that_ran_ahead_holds_no_message_back(room: Mailroom) -> None:
    for episode in (1, 2, 3):
        room.queue(notice(episode=episode))
    room.outbox.claim(LEASE)
    room.peer.fail(Fault(status=503))
    room.relay()
    room.later(days=-1)
    left = room.outbox.soonest(LEASE)
    room.relay_all()

    assert left is not None
    assert left <= timedelta(0)
    assert sorted(room.texts()) == [f"fire 0 of {episode}" for episode in (1, 2, 3)]


def test_two_relays_at_once_send_each_message_once_and_keep_order_and_pace(
    room: Mailroom,
) -> None:
    for episode in range(4):
        room.queue(notice(episode=episode), notice(ESCALATE, episode), notice(REMIND, episode))
    relays = [threading.Thread(target=_drain, args=(room,)) for _ in range(2)]
    for relay in relays:
        relay.start()
    for relay in relays:
        relay.join()

    texts = room.texts()
    assert len(texts) == len(set(texts)) == 12
    for episode in range(4):
        own = [text.split()[0] for text in texts if text.endswith(f"of {episode}")]
        assert own == ["fire", "escalate", "remind"]


def _drain(room: Mailroom) -> None:
    while room.outbox.soonest(LEASE) is not None:
        room.relay()
        room.later(seconds=9)


def test_two_relays_at_once_keep_a_channels_pace_together(room: Mailroom) -> None:
    paces = {"slack": 30.0}
    room.queue(*(notice(episode=number) for number in range(9)))
    taken: list[object] = []

    def claim() -> None:
        taken.append(room.outbox.claim(LEASE, paces))

    claims = [threading.Thread(target=claim) for _ in range(8)]
    for thread in claims:
        thread.start()
    for thread in claims:
        thread.join()

    assert len([item for item in taken if item is not None]) == 1


@pytest.mark.parametrize("kind", [REMIND, ESCALATE], ids=["a reminder", "an escalation"])
def test_what_was_not_sent_before_the_end_is_left_out(room: Mailroom, kind: NoticeKind) -> None:
    room.queue(notice())
    room.relay()
    room.queue(notice(kind, number=1), notice(RESOLVE))

    room.relay_all()

    assert room.texts() == ["fire 0 of 1", "resolve 0 of 1"]
    assert room.states() == ["sent", "superseded", "sent"]


def test_an_older_reminder_is_left_out_for_a_newer_one(room: Mailroom) -> None:
    room.queue(notice())
    room.relay()
    room.queue(*(notice(REMIND, number=number) for number in (1, 2, 3)))

    room.relay_all()

    assert room.texts() == ["fire 0 of 1", "remind 3 of 1"]


def test_an_episode_of_which_nothing_was_sent_is_one_late_notice(room: Mailroom) -> None:
    room.queue(notice(), notice(ESCALATE), notice(REMIND, number=1), age=3600)
    room.queue(notice(RESOLVE), age=60)

    room.relay_all()

    (text,) = room.texts()
    assert text.startswith("LATE WARN milestone fired 20")
    assert "(59m)" in text
    assert "at worst 1500" in text
    assert room.states() == ["superseded", "superseded", "superseded", "sent"]


def test_what_may_have_been_sent_is_looked_up_before_it_is_left_out(room: Mailroom) -> None:
    room.peer.fail(Fault(reset="after"))
    room.queue(notice())
    room.relay()
    room.queue(notice(RESOLVE))

    room.relay_all()

    assert room.texts() == ["fire 0 of 1", "resolve 0 of 1"]
    assert room.states() == ["sent", "sent"]


def test_what_certainly_was_not_sent_is_one_late_notice_after_an_outage(room: Mailroom) -> None:
    room.peer.fail(Fault(status=503), times=3)
    room.queue(notice())
    for _ in range(3):
        room.relay()
        room.later(minutes=15)
    room.queue(notice(RESOLVE))

    room.relay_all()

    assert room.states() == ["superseded", "sent"]
    (text,) = room.texts()
    assert text.startswith("LATE")


def test_a_channel_that_cannot_be_asked_now_decides_nothing(room: Mailroom) -> None:
    room.peer.fail(Fault(reset="after"))
    room.peer.fail(Fault(status=500))
    room.queue(notice())
    room.relay()
    room.queue(notice(RESOLVE))
    room.later(minutes=15)

    room.relay()

    assert room.states() == ["pending", "pending"]


def test_the_state_says_what_was_really_sent(room: Mailroom) -> None:
    room.queue(notice(), notice(RESOLVE))
    room.relay_all()

    (_, sent) = room.outbox.entries(timedelta(hours=1))

    assert sent.notice.late
    assert sent.notice == replace(sent.notice, kind=RESOLVE, text=room.texts()[0])


class OnDemand(Mapping[str, Notifier]):
    """Channels that are had by name, and listed by none."""

    def __init__(self, channels: Mapping[str, Notifier]) -> None:
        self.channels = channels

    def __getitem__(self, name: str) -> Notifier:
        return self.channels[name]

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


def test_a_channel_that_no_rule_names_any_more_keeps_its_pace(room: Mailroom) -> None:
    room.queue(notice(), notice(episode=2))

    done = deliver(
        room.outbox,
        OnDemand(room.channels),
        budget=timedelta(seconds=20),
        clock=time.monotonic,
        spec=room.spec,
    )

    assert len(done.sent) == 1
    assert room.states() == ["sent", "pending"]


class Hanging(LogNotifier):
    """A channel that is away: each attempt takes its whole timeout."""

    def __init__(self, clock: list[float]) -> None:
        super().__init__("slack")
        self.clock = clock

    def deliver(self, notice: Notice, root: str = "") -> str:  # noqa: ARG002 - the port's
        self.clock[0] += 5
        raise DeliveryError("cannot be reached")


def test_a_channel_that_hangs_does_not_use_up_the_time_of_others(room: Mailroom) -> None:
    clock = [0.0]
    room.channels["slack"] = Hanging(clock)
    room.queue(*(notice(episode=number) for number in range(9)))
    room.queue(notice(), channel="log")

    deliver(
        room.outbox,
        room.channels,
        budget=timedelta(seconds=20),
        clock=lambda: clock[0],
        spec=room.spec,
    )

    assert room.states("log") == ["sent"]


def test_a_peer_that_dribbles_bytes_is_left_to_itself(
    room: Mailroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    over = threading.Event()

    def dribble(listener: socket.socket) -> None:
        line, _ = listener.accept()
        with line, suppress(OSError):
            while not over.wait(0.05):
                line.sendall(b"2")

    monkeypatch.setattr(attempt, "LONGEST_ATTEMPT", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        peer = threading.Thread(target=dribble, args=(listener,))
        peer.start()
        room.channels["email"] = Email(
            server=MailServer(host="127.0.0.1", port=listener.getsockname()[1]),
            sender="kpi@example.com",
            recipient="ops@example.com",
            clock=time.time,
            timeout=2,
        )
        room.queue(notice(), channel="email")
        alarm = threading.Timer(20, over.set)
        alarm.start()
        began = time.monotonic()
        failed = room.relay().failed
        took = time.monotonic() - began
        alarm.cancel()
        over.set()
        peer.join()

    assert took < 10
    assert "did not answer within 0.5 s" in failed[0]
    assert room.states("email") == ["pending"]


def test_a_kind_of_message_that_only_a_newer_release_knows_is_left_to_it(room: Mailroom) -> None:
    room.queue(notice(), notice(REMIND, 1, 1), notice(episode=2))
    with room.engine.begin() as connection:
        connection.exec_driver_sql("""UPDATE kpi.outbox
            SET notice = notice || '{"kind": "snooze"}' WHERE notice ->> 'kind' = 'remind'""")
    room.relay_all()

    assert room.texts() == ["fire 0 of 1", "fire 0 of 2"]
    assert room.states() == ["sent", "sent"]
    with room.engine.connect() as connection:
        waits = "SELECT notice ->> 'kind', attempts FROM kpi.outbox WHERE state = 'pending'"
        assert connection.exec_driver_sql(waits).all() == [("snooze", 0)]
