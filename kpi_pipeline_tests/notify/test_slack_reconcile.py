"""After a crash or a reset: was it sent? The bot can look; sending stays exactly once."""

from dataclasses import replace

import pytest

from kpi_pipeline.model.errors import DeliveryError
from kpi_pipeline.model.notice import Notice
from kpi_pipeline.notify.slack_bot import SlackBot
from kpi_pipeline_tests.notify.slack_peer import CHANNEL, Fault, SlackPeer


@pytest.fixture
def bot(slack_peer: SlackPeer) -> SlackBot:
    return SlackBot(slack_peer.token, CHANNEL, base_url=slack_peer.api_url)


def _deliver_once(bot: SlackBot, notice: Notice) -> str:
    """What a relay does with an ambiguous row."""
    return bot.find(notice) or bot.deliver(notice)


def test_a_message_accepted_before_a_reset_is_found_and_not_doubled(
    bot: SlackBot, notice: Notice, slack_peer: SlackPeer
) -> None:
    slack_peer.fail(Fault(reset="after"))
    with pytest.raises(DeliveryError):
        bot.deliver(notice)
    reference = _deliver_once(bot, notice)

    assert [message["ts"] for message in slack_peer.messages] == [reference]


def test_a_message_reset_before_accepting_is_not_found_and_not_lost(
    bot: SlackBot, notice: Notice, slack_peer: SlackPeer
) -> None:
    slack_peer.fail(Fault(reset="before"))
    with pytest.raises(DeliveryError):
        bot.deliver(notice)
    reference = _deliver_once(bot, notice)

    assert [message["ts"] for message in slack_peer.messages] == [reference]


def test_of_many_notices_each_under_a_fault_none_is_lost_and_none_doubled(
    bot: SlackBot, notice: Notice, slack_peer: SlackPeer
) -> None:
    faults = (Fault(reset="after"), Fault(reset="before"), Fault(status=500), Fault(body="garbage"))
    notices = [replace(notice, key=f"key/{number}") for number in range(40)]
    for number, each in enumerate(notices):
        slack_peer.fail(faults[number % len(faults)])
        with pytest.raises(DeliveryError):
            bot.deliver(each)
        _deliver_once(bot, each)
    keys = [message["metadata"]["event_payload"]["key"] for message in slack_peer.messages]

    assert keys == [each.key for each in notices]


def test_key_and_episode_travel_as_metadata(
    bot: SlackBot, notice: Notice, slack_peer: SlackPeer
) -> None:
    bot.deliver(notice)

    assert slack_peer.messages[0]["metadata"] == {
        "event_type": "kpi_pipeline_notice",
        "event_payload": {"key": notice.key, "episode": notice.episode_key},
    }


def test_a_message_on_a_later_page_is_found(
    bot: SlackBot, notice: Notice, slack_peer: SlackPeer
) -> None:
    reference = bot.deliver(notice)
    _chatter(slack_peer, 450)

    assert bot.find(notice) == reference
    assert len(slack_peer.requests) == 1 + 3


def test_the_search_is_bounded(bot: SlackBot, notice: Notice, slack_peer: SlackPeer) -> None:
    bot.deliver(notice)
    _chatter(slack_peer, 1000)

    assert bot.find(notice) is None
    assert len(slack_peer.requests) == 1 + 5


def test_another_apps_metadata_is_not_mistaken_for_ours(
    bot: SlackBot, notice: Notice, slack_peer: SlackPeer
) -> None:
    payload = {"key": notice.key}
    foreign = {"event_type": "another_app", "event_payload": payload}
    bare = {"event_type": "kpi_pipeline_notice", "event_payload": {}}
    slack_peer.messages += [
        {"ts": "1.1", "channel": CHANNEL, "metadata": foreign},
        {"ts": "1.2", "channel": CHANNEL, "metadata": bare},
        {"ts": "1.3", "channel": "C0ELSE", "metadata": foreign},
    ]

    assert bot.find(notice) is None


@pytest.mark.parametrize("code", ["missing_scope", "not_in_channel"])
def test_an_app_that_may_never_read_the_history_cannot_tell(
    bot: SlackBot, notice: Notice, slack_peer: SlackPeer, code: str
) -> None:
    slack_peer.fail(Fault(error=code))

    assert bot.find(notice) is None


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(Fault(status=429, retry_after="7"), id="too many requests"),
        pytest.param(Fault(status=500), id="internal error"),
        pytest.param(Fault(reset="before"), id="reset"),
        pytest.param(Fault(body='{"ok":true}'), id="no messages at all"),
        pytest.param(Fault(body='{"ok":true,"messages":[7]}'), id="a message that is a number"),
    ],
)
def test_a_history_that_cannot_be_read_now_is_no_licence_to_send_again(
    bot: SlackBot, notice: Notice, slack_peer: SlackPeer, fault: Fault
) -> None:
    bot.deliver(notice)
    slack_peer.fail(fault)
    with pytest.raises(DeliveryError) as caught:
        bot.find(notice)

    assert not caught.value.permanent
    assert caught.value.retry_after == (7 if fault.retry_after else None)


def _chatter(peer: SlackPeer, count: int) -> None:
    peer.messages += [
        {"ts": f"1800000000.{number:06d}", "channel": CHANNEL, "text": "chatter"}
        for number in range(count)
    ]
