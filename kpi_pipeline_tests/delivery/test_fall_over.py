"""A channel that refuses for good: the notice goes elsewhere, once, and says so."""

import logging
import threading
from datetime import timedelta

import pytest
from sqlalchemy import event

from kpi_pipeline.model.errors import DeliveryError
from kpi_pipeline.model.notice import Notice
from kpi_pipeline.model.outbox import OutboxState
from kpi_pipeline.notify.log import LogNotifier
from kpi_pipeline.pipeline.attempt import attempt
from kpi_pipeline.store.outbox_settle import settle
from kpi_pipeline_tests.delivery.mailroom import (
    ACKNOWLEDGE,
    ESCALATE,
    RESOLVE,
    Mailroom,
    notice,
)

OUT = "slack:C0OUT"


class Leaky(LogNotifier):
    """A channel whose failures are as bad as its author's: it raises what it is given."""

    def __init__(self, error: Exception) -> None:
        super().__init__("leaky")
        self.error = error

    def deliver(self, notice: Notice, root: str = "") -> str:  # noqa: ARG002 - the port's
        raise self.error


DAY = timedelta(days=1)


def facts(room: Mailroom, channel: str) -> dict[str, str]:
    (entry, *_) = [item for item in room.outbox.entries(DAY) if item.channel == channel]
    return dict(entry.notice.facts)


def test_a_refused_notice_goes_to_the_rules_next_channel_and_says_who_refused_it(
    room: Mailroom,
) -> None:
    room.rule(OUT, "slack")
    room.queue(notice(), channel=OUT)

    failed = room.relay().failed
    room.relay_all()

    assert "not_in_channel" in failed[0]
    assert (room.states(OUT), room.states()) == (["dead"], ["sent"])
    assert "Refused by" in str(room.peer.messages[0])
    assert facts(room, "slack")["Refused by"].startswith(f"{OUT}: Slack channel C0OUT did not take")
    assert room.outbox.entries(DAY)[1].stands_for == OUT


def test_without_another_channel_it_goes_to_the_log(
    room: Mailroom, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="kpi_pipeline.alerts")
    room.rule(OUT)
    room.queue(notice(), channel=OUT)

    room.relay_all()

    assert room.states("log") == ["sent"]
    assert f"Refused by: {OUT}: Slack channel C0OUT did not take the alert" in caplog.text


def test_a_channel_that_has_the_notice_anyway_says_it_once_and_who_refused_it(
    room: Mailroom,
) -> None:
    room.rule(OUT, "slack")
    room.queue(notice(), channel=OUT)
    room.queue(notice())

    room.relay_all()

    assert len(room.peer.messages) == 1
    assert "Refused by" in facts(room, "slack")
    assert room.states("log") == []


def test_a_refusal_after_everybody_else_was_told_is_told_by_the_log(room: Mailroom) -> None:
    room.rule("slack", OUT)
    room.queue(notice())
    room.queue(notice(), channel=OUT)

    room.relay_all()

    assert len(room.peer.messages) == 1
    assert room.states("log") == ["sent"]


def test_an_end_follows_to_where_the_beginning_was_told_and_to_nowhere_else(
    room: Mailroom,
) -> None:
    room.rule(OUT, "slack")
    room.queue(notice(), channel=OUT)
    room.relay_all()
    room.queue(notice(RESOLVE), channel=OUT)

    room.relay_all()

    assert room.texts() == ["fire 0 of 1", "resolve 0 of 1"]
    assert room.states(OUT) == ["dead", "dead"]
    assert room.states("log") == []


def test_an_end_is_not_told_alone_where_the_channel_has_its_own(room: Mailroom) -> None:
    room.rule(OUT, "slack")
    for kind in (notice(), notice(RESOLVE)):
        room.queue(kind, channel=OUT)
        room.queue(kind)

    room.relay_all()

    assert len(room.texts()) == 1
    assert room.states("log") == []


def test_a_channel_that_refused_the_beginning_may_take_what_is_worse_and_then_the_end(
    room: Mailroom,
) -> None:
    room.rule(OUT)
    room.queue(notice(), channel=OUT)
    room.relay_all()
    room.peer.channels["C0OUT"] = ""
    for kind in (ESCALATE, RESOLVE):
        room.queue(notice(kind), channel=OUT)
        room.relay_all()

    assert room.texts() == ["escalate 0 of 1", "resolve 0 of 1"]


def test_a_channel_that_nobody_set_up_falls_over_too(room: Mailroom) -> None:
    room.rule("slack:C0NEW")
    room.queue(notice(), channel="slack:C0NEW")

    room.relay_all()

    assert room.states("slack:C0NEW") == ["dead"]
    assert facts(room, "log")["Refused by"].startswith("slack:C0NEW: no channel 'slack:C0NEW'")


def test_channels_that_refuse_one_after_the_other_end_at_the_log(room: Mailroom) -> None:
    room.rule("slack:C0NEW", OUT)
    room.queue(notice(), channel="slack:C0NEW")

    room.relay_all()
    room.queue(notice(RESOLVE), channel="slack:C0NEW")
    room.relay_all()

    assert room.states(OUT) == ["dead", "dead"]
    assert room.states("log") == ["sent", "sent"]
    assert room.peer.messages == []


def test_messages_that_were_given_up_can_be_sent_again(room: Mailroom) -> None:
    room.rule(OUT)
    room.queue(notice(), notice(RESOLVE), notice(episode=2), channel=OUT)
    room.relay_all()
    assert room.states(OUT) == ["superseded", "dead", "dead"]
    room.peer.channels["C0OUT"] = ""

    again = room.outbox.resend()
    room.relay_all()

    assert (len(again.queued), again.overtaken) == (2, ())
    assert [text.split()[0] for text in room.texts()] == ["LATE", "fire"]
    assert room.states("log") == ["sent", "sent"]


def test_a_beginning_that_was_given_up_is_not_sent_again_after_the_end(room: Mailroom) -> None:
    room.rule(OUT)
    room.queue(notice(), channel=OUT)
    room.relay_all()
    room.peer.channels["C0OUT"] = ""
    for kind in (ESCALATE, RESOLVE):
        room.queue(notice(kind), channel=OUT)
        room.relay_all()
    (fire, escalate, *_) = [e.id for e in room.outbox.entries(DAY) if e.channel == OUT]

    again, by_number = room.outbox.resend(), room.outbox.resend([escalate])
    room.relay_all()

    assert (again.queued, again.overtaken, by_number.overtaken) == ((), (fire,), (escalate,))
    assert room.states(OUT) == ["superseded", "sent", "sent"]
    assert room.texts() == ["escalate 0 of 1", "resolve 0 of 1"]


def test_a_channel_that_tells_its_secret_in_an_error_does_not_get_it_written_down(
    room: Mailroom, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="kpi_pipeline.alerts")
    error = DeliveryError("no answer from https://ops:hush@example.com/", permanent=True)
    room.channels["leaky"] = Leaky(error)
    room.rule("leaky")
    room.queue(notice(), channel="leaky")

    failed = room.relay().failed
    room.relay_all()

    assert room.states("log") == ["sent"]
    assert "https://ops:***@example.com/" in failed[0]
    assert "hush" not in f"{failed}{caplog.text}{room.outbox.entries(DAY)}"


def test_a_channel_that_breaks_stops_no_other_and_is_tried_again(room: Mailroom) -> None:
    room.channels["leaky"] = Leaky(ZeroDivisionError("hush"))
    room.queue(notice(), channel="leaky")
    room.queue(notice(episode=2))

    done = room.relay()

    assert "unexpected ZeroDivisionError in the channel" in done.failed[0]
    assert room.texts() == ["fire 0 of 2"]
    assert room.states("leaky") == ["pending"]
    assert "hush" not in f"{done.failed}{room.outbox.entries(DAY)}"


def down(room: Mailroom, channel: str = "leaky") -> Leaky:
    """A channel that fails for the moment, whenever it is asked."""
    room.channels[channel] = Leaky(DeliveryError("no answer"))
    return room.channels[channel]  # type: ignore[return-value]


def fails(room: Mailroom, times: int) -> None:
    for _ in range(times):
        room.relay()
        room.later(minutes=15)


def test_a_channel_that_is_down_for_an_hour_is_told_of_by_the_next_one_once(
    room: Mailroom,
) -> None:
    down(room)
    room.rule("leaky", "slack", "log")
    room.queue(notice(), channel="leaky", age=3700)
    room.queue(notice(episode=2), channel="leaky", age=60)

    fails(room, 1)
    assert room.states() == []
    fails(room, 4)

    assert room.texts() == ["fire 0 of 1"]
    assert facts(room, "slack")["Not reached"] == "leaky: no answer"
    assert (room.states("leaky"), room.states("log")) == (["pending", "pending"], [])


def test_a_channel_that_rests_for_hours_has_its_whole_line_told_by_the_next_one_once(
    room: Mailroom,
) -> None:
    room.channels["leaky"] = Leaky(DeliveryError("busy", retry_after=7200))
    room.rule("leaky", "log")
    for episode, age in ((1, 3700), (2, 3700), (3, 60), (4, 3700)):
        room.queue(notice(episode=episode), channel="leaky", age=age)
    fails(room, 9)
    room.queue(notice(RESOLVE, episode=2), channel="leaky")
    fails(room, 5)

    mine, told = ([e for e in room.outbox.entries(DAY) if e.channel == c] for c in ("leaky", "log"))
    assert [entry.notice.text for entry in told] == [
        *("fire 0 of 1", "fire 0 of 2", "fire 0 of 4", "resolve 0 of 2")
    ]
    assert {dict(entry.notice.facts)["Not reached"] for entry in told} == {"leaky: busy"}
    assert {entry.state for entry in told} == {OutboxState.SENT}
    assert [entry.attempts for entry in mine] == [4, 0, 0, 0, 0]


def test_two_relays_that_both_find_it_down_tell_its_line_once(room: Mailroom) -> None:
    down(room)
    room.rule("leaky", "slack", "log")
    for episode in (1, 2, 3):
        room.queue(notice(episode=episode), channel="leaky", age=3700)
    with room.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE kpi.outbox SET attempts = 1")
    taken = [room.outbox.claim(timedelta(minutes=1)) for _ in range(2)]
    one, two = [attempt(item, room.channels, room.spec) for item in taken if item is not None]
    with room.engine.begin() as connection:
        settle(connection, *one)
        late = threading.Thread(target=room.outbox.settle, args=two)
        late.start()
        late.join(0.3)
    late.join(10)

    assert [len(delivery.meanwhile) for _, delivery in (one, two)] == [3, 2]
    assert (room.states(), room.states("log")) == (["pending"] * 3, [])


def test_a_long_line_is_handed_over_in_a_few_statements(room: Mailroom) -> None:
    down(room)
    room.rule("leaky", "slack", "log")
    room.queue(*[notice(episode=episode) for episode in range(100)], channel="leaky", age=3700)
    room.queue(*[notice(episode=episode) for episode in range(50)])
    with room.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE kpi.outbox SET attempts = 1 WHERE channel = 'leaky'")
    taken = room.outbox.claim(timedelta(minutes=1))
    assert taken is not None
    tried = attempt(taken, room.channels, room.spec)
    statements: list[object] = []
    event.listen(room.engine, "before_cursor_execute", lambda *said: statements.append(said[2]))
    room.outbox.settle(*tried)

    assert (len(room.states()), len(room.states("log"))) == (100, 50)
    assert len(statements) < 20


def test_a_channel_that_returns_tells_all_and_who_stood_in_tells_the_end(room: Mailroom) -> None:
    down(room)
    room.rule("leaky", "slack")
    room.queue(notice(), channel="leaky", age=3700)
    fails(room, 3)
    room.queue(notice(ESCALATE), channel="leaky")
    fails(room, 3)
    room.queue(notice(RESOLVE), channel="leaky")
    fails(room, 3)

    assert room.texts() == ["fire 0 of 1", "escalate 0 of 1", "resolve 0 of 1"]
    assert room.states("leaky") == ["superseded", "superseded", "pending"]

    room.channels["leaky"] = LogNotifier("leaky")
    room.relay_all()

    assert room.states("leaky") == ["superseded", "superseded", "sent"]
    assert room.outbox.entries(DAY)[-2].notice.text.startswith("LATE")
    assert len(room.texts()) == 3
    assert room.states("log") == []


def test_channels_that_are_down_one_after_the_other_end_at_the_log(room: Mailroom) -> None:
    down(room)
    down(room, "other")
    room.rule("leaky", "other")
    room.queue(notice(), channel="leaky", age=3700)
    fails(room, 2)
    with room.engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE kpi.outbox SET created_at = created_at - interval '1 hour'"
        )
    fails(room, 5)

    assert (room.states("leaky"), room.states("other")) == (["pending"], ["pending"])
    assert room.states("log") == ["sent"]


def test_a_channel_that_refuses_after_it_was_down_is_told_of_by_nobody_else(room: Mailroom) -> None:
    down(room)
    room.rule("leaky", "slack")
    room.queue(notice(), channel="leaky", age=3700)
    fails(room, 3)
    room.channels["leaky"] = Leaky(DeliveryError("is_archived", permanent=True))
    room.relay_all()

    assert (room.states("leaky"), room.texts()) == (["dead"], ["fire 0 of 1"])
    assert room.states("log") == []


def test_what_gets_worse_is_handed_over_though_it_waits_behind_an_acknowledgement(
    room: Mailroom,
) -> None:
    room.channels["leaky"] = LogNotifier("leaky")
    room.rule("leaky", "slack")
    room.queue(notice(), channel="leaky")
    room.relay()
    down(room)
    room.queue(notice(ACKNOWLEDGE), notice(ESCALATE), channel="leaky", age=3700)
    fails(room, 3)

    assert room.states("leaky") == ["sent", "pending", "pending"]
    assert room.texts() == ["escalate 0 of 1"]


def test_an_acknowledgement_that_is_refused_goes_nowhere_else(room: Mailroom) -> None:
    room.channels["leaky"] = LogNotifier("leaky")
    room.rule("leaky", "slack")
    room.queue(notice(), channel="leaky")
    room.relay()
    room.channels["leaky"] = Leaky(DeliveryError("is_archived", permanent=True))
    room.queue(notice(ACKNOWLEDGE), channel="leaky")
    room.relay()

    assert room.states("leaky") == ["sent", "dead"]
    assert (room.states(), room.states("log")) == ([], [])


def test_an_escalation_that_was_given_up_is_sent_again_though_somebody_took_it_since(
    room: Mailroom,
) -> None:
    room.channels["leaky"] = LogNotifier("leaky")
    room.queue(notice(), channel="leaky")
    room.relay()
    room.channels["leaky"] = Leaky(DeliveryError("is_archived", permanent=True))
    room.queue(notice(ESCALATE), channel="leaky")
    room.relay()
    room.channels["leaky"] = LogNotifier("leaky")
    room.queue(notice(ACKNOWLEDGE), channel="leaky")
    room.relay()

    assert not room.outbox.resend().overtaken
    room.relay()
    assert room.states("leaky") == ["sent", "sent", "sent"]
