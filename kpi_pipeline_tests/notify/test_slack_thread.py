"""One message an episode: what follows answers in its thread, and the end changes it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from kpi_pipeline.model.errors import DeliveryError
from kpi_pipeline.model.notice import Notice, NoticeKind
from kpi_pipeline.notify.slack_bot import SlackBot
from kpi_pipeline_tests.notify.slack_peer import CHANNEL, Fault, SlackPeer

CUTS = (Fault(reset="before"), Fault(reset="after"))
AFTER = (NoticeKind.REMIND, NoticeKind.ESCALATE, NoticeKind.RESOLVE)


@pytest.fixture
def bot(slack_peer: SlackPeer) -> SlackBot:
    return SlackBot(slack_peer.token, CHANNEL, base_url=slack_peer.api_url)


@pytest.fixture
def after(notice: Notice) -> Callable[[NoticeKind], Notice]:
    return lambda kind: replace(notice, kind=kind, key=f"{notice.episode_key}/{kind}")


def _header(message: dict[str, Any]) -> str:
    return str(message["blocks"][0]["text"]["text"])


def test_a_reminder_answers_in_the_thread(
    bot: SlackBot, notice: Notice, after: Callable[[NoticeKind], Notice], slack_peer: SlackPeer
) -> None:
    root = bot.deliver(notice)
    reference = bot.deliver(after(NoticeKind.REMIND), root)
    first, reminder = slack_peer.messages

    assert reference == reminder["ts"]
    assert reminder["thread_ts"] == root == first["ts"]
    assert not reminder.get("reply_broadcast")
    assert _header(reminder).startswith("*🔴 STILL CRITICAL*")
    assert "edits" not in first


def test_the_thread_says_who_took_it_over(
    bot: SlackBot, notice: Notice, after: Callable[[NoticeKind], Notice], slack_peer: SlackPeer
) -> None:
    root = bot.deliver(notice)
    bot.deliver(replace(after(NoticeKind.ACKNOWLEDGE), text="low: acknowledged by kim"), root)
    first, answer = slack_peer.messages

    assert answer["thread_ts"] == root
    assert _header(answer) == "*✋ ACKNOWLEDGED*  low: acknowledged by kim"
    assert "edits" not in first


def test_an_escalation_is_shown_in_the_channel_too(
    bot: SlackBot, notice: Notice, after: Callable[[NoticeKind], Notice], slack_peer: SlackPeer
) -> None:
    root = bot.deliver(notice)
    bot.deliver(after(NoticeKind.ESCALATE), root)

    assert slack_peer.messages[1]["reply_broadcast"] is True
    assert _header(slack_peer.messages[1]).startswith("🔴 ESCALATED TO CRITICAL: ")


def test_a_resolve_changes_the_root_and_answers_in_the_thread(
    bot: SlackBot, notice: Notice, after: Callable[[NoticeKind], Notice], slack_peer: SlackPeer
) -> None:
    root = bot.deliver(notice)
    ended = replace(
        after(NoticeKind.RESOLVE),
        text="OK after 23m",
        facts=(("Worst", "31.10"), ("Bound", "40")),
    )
    bot.deliver(ended, root)
    first, answer = slack_peer.messages

    assert _header(first) == f"✅ RESOLVED: {notice.headline}"
    assert {"type": "mrkdwn", "text": "*Bound*\n40", "verbatim": True} in first["blocks"][1][
        "fields"
    ]
    assert first["metadata"]["event_payload"]["key"] == notice.key
    assert answer["thread_ts"] == root
    assert "OK after 23m" in _header(answer)
    assert "31.10" in str(answer["blocks"])


@pytest.mark.parametrize("kind", AFTER)
def test_without_a_root_everything_is_a_message_of_its_own(
    bot: SlackBot,
    after: Callable[[NoticeKind], Notice],
    slack_peer: SlackPeer,
    kind: NoticeKind,
) -> None:
    reference = bot.deliver(after(kind))

    assert [(m["ts"], m.get("thread_ts")) for m in slack_peer.messages] == [(reference, None)]


def test_an_episode_that_is_told_late_is_one_message(
    bot: SlackBot, after: Callable[[NoticeKind], Notice], slack_peer: SlackPeer
) -> None:
    bot.deliver(replace(after(NoticeKind.RESOLVE), late=True))

    assert len(slack_peer.messages) == 1
    assert "TOLD LATE" in _header(slack_peer.messages[0])


@pytest.mark.parametrize("kind", AFTER)
def test_a_root_that_people_deleted_is_replaced_by_a_new_message(
    bot: SlackBot,
    notice: Notice,
    after: Callable[[NoticeKind], Notice],
    slack_peer: SlackPeer,
    kind: NoticeKind,
) -> None:
    root = bot.deliver(notice)
    slack_peer.delete(root)
    reference = bot.deliver(after(kind), root)

    assert [(m["ts"], m.get("thread_ts")) for m in slack_peer.messages] == [(reference, None)]
    assert bot.find(after(kind), root) == reference


@pytest.mark.parametrize(
    "code", ["message_not_found", "thread_not_found", "cant_update_message", "edit_window_closed"]
)
def test_a_root_that_takes_no_more_is_replaced_by_a_new_message(
    bot: SlackBot,
    notice: Notice,
    after: Callable[[NoticeKind], Notice],
    slack_peer: SlackPeer,
    code: str,
) -> None:
    root = bot.deliver(notice)
    slack_peer.fail(Fault(error=code))
    reference = bot.deliver(after(NoticeKind.RESOLVE), root)

    assert "thread_ts" not in slack_peer.messages[1]
    assert bot.find(after(NoticeKind.RESOLVE), root) == reference


@pytest.mark.parametrize(
    ("kind", "steps_done", "cut"),
    [
        *((kind, 0, fault) for kind in AFTER for fault in CUTS),
        *((NoticeKind.RESOLVE, 1, fault) for fault in CUTS),
    ],
)
def test_an_answer_that_was_cut_off_anywhere_is_finished_and_not_doubled(
    notice: Notice,
    after: Callable[[NoticeKind], Notice],
    slack_peer: SlackPeer,
    kind: NoticeKind,
    steps_done: int,
    cut: Fault,
) -> None:
    bot = SlackBot(slack_peer.token, CHANNEL, base_url=slack_peer.api_url)
    root = bot.deliver(notice)
    slack_peer.fail(Fault(), times=steps_done)
    slack_peer.fail(cut)
    with pytest.raises(DeliveryError):
        bot.deliver(after(kind), root)
    reference = bot.find(after(kind), root) or bot.deliver(after(kind), root)

    assert [m["ts"] for m in slack_peer.messages] == [root, reference]
    assert slack_peer.messages[1]["thread_ts"] == root
    assert _header(slack_peer.messages[0]).startswith(
        "✅ RESOLVED" if kind is NoticeKind.RESOLVE else "🔴 CRITICAL"
    )


def test_a_failure_that_says_nothing_of_the_root_is_no_reason_for_a_new_message(
    bot: SlackBot, notice: Notice, after: Callable[[NoticeKind], Notice], slack_peer: SlackPeer
) -> None:
    root = bot.deliver(notice)
    for fault in (
        Fault(status=500),
        Fault(status=429, retry_after="3"),
        Fault(error="is_archived"),
    ):
        slack_peer.fail(fault)
        with pytest.raises(DeliveryError):
            bot.deliver(after(NoticeKind.RESOLVE), root)

    assert len(slack_peer.messages) == 1
