"""Each way Slack fails, met over real HTTP: may it pass, when to ask again, what to do."""

import re
import socket

import pytest

from kpi_pipeline.model.errors import DeliveryError
from kpi_pipeline.model.notice import Notice
from kpi_pipeline.notify.slack_bot import SlackBot
from kpi_pipeline.notify.slack_webhook import SlackWebhook
from kpi_pipeline.ports.delivery import Notifier
from kpi_pipeline_tests.notify.slack_peer import CHANNEL, Fault, SlackPeer


@pytest.fixture
def bot(slack_peer: SlackPeer) -> SlackBot:
    return SlackBot(slack_peer.token, CHANNEL, base_url=slack_peer.api_url)


@pytest.fixture
def webhook(slack_peer: SlackPeer) -> SlackWebhook:
    return SlackWebhook(slack_peer.webhook_url)


@pytest.fixture(params=["bot", "webhook"])
def notifier(request: pytest.FixtureRequest, slack_peer: SlackPeer) -> Notifier:
    if request.param == "bot":
        return SlackBot(slack_peer.token, CHANNEL, base_url=slack_peer.api_url, timeout=1)
    return SlackWebhook(slack_peer.webhook_url, timeout=1)


def _failure(notifier: Notifier, notice: Notice) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        notifier.deliver(notice)
    return caught.value


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(Fault(status=429), id="too many requests"),
        pytest.param(Fault(status=408), id="request timeout"),
        pytest.param(Fault(status=500), id="internal error"),
        pytest.param(Fault(status=500, body='{"ok":false,"error":"no_service"}'), id="500 + code"),
        pytest.param(Fault(status=503, body="<html>busy</html>"), id="a proxy's busy page"),
        pytest.param(Fault(reset="before"), id="reset before accepting"),
        pytest.param(Fault(reset="after"), id="reset after accepting"),
        pytest.param(Fault(hang=True), id="no answer in time"),
        pytest.param(Fault(body="<html>log in</html>"), id="a proxy's login page"),
        pytest.param(Fault(body=""), id="an empty reply"),
        pytest.param(Fault(body="[1]"), id="a list"),
        pytest.param(Fault(body="null"), id="null"),
        pytest.param(Fault(body='{"ok":true}'), id="a yes without a ts"),
        pytest.param(Fault(body='{"ok":true,"ts":7}'), id="a ts that is a number"),
        pytest.param(Fault(body='{"ok":false,"error":["x"]}'), id="an error that is a list"),
        pytest.param(Fault(body='{"ok":false}'), id="a no without an error"),
    ],
)
def test_what_may_pass_is_tried_again(
    notifier: Notifier, notice: Notice, slack_peer: SlackPeer, fault: Fault
) -> None:
    slack_peer.fail(fault)
    failure = _failure(notifier, notice)

    assert not failure.permanent
    assert failure.retry_after is None
    assert notifier.description in str(failure)
    assert "tried again" in str(failure)


def test_one_delivery_is_one_request_even_when_it_fails(
    notifier: Notifier, notice: Notice, slack_peer: SlackPeer
) -> None:
    slack_peer.fail(Fault(reset="after"))
    _failure(notifier, notice)

    assert len(slack_peer.requests) == 1


def test_the_next_delivery_after_a_failure_succeeds(
    notifier: Notifier, notice: Notice, slack_peer: SlackPeer
) -> None:
    slack_peer.fail(Fault(status=500))
    _failure(notifier, notice)
    notifier.deliver(notice)

    assert len(slack_peer.messages) == 1


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("30", 30.0),
        ("0", 0.0),
        ("1.5", 1.5),
        pytest.param("Wed, 21 Oct 2026 07:28:00 GMT", None, id="a date needs a clock"),
        pytest.param("-1", None, id="negative"),
        pytest.param("nan", None, id="not a number"),
        pytest.param("inf", None, id="never"),
    ],
)
def test_the_wait_that_slack_asks_for_is_handed_on(
    notifier: Notifier,
    notice: Notice,
    slack_peer: SlackPeer,
    given: str,
    expected: float | None,
) -> None:
    slack_peer.fail(Fault(status=429, retry_after=given))

    assert _failure(notifier, notice).retry_after == expected


@pytest.mark.parametrize("code", ["ratelimited", "internal_error", "fatal_error", "brand_new_code"])
def test_an_api_error_that_may_pass_is_tried_again(
    bot: SlackBot, notice: Notice, slack_peer: SlackPeer, code: str
) -> None:
    slack_peer.fail(Fault(error=code))
    failure = _failure(bot, notice)

    assert not failure.permanent
    assert code in str(failure)


@pytest.mark.parametrize(
    ("code", "todo"),
    [
        ("invalid_auth", "new bot token"),
        ("account_inactive", "new bot token"),
        ("token_revoked", "new bot token"),
        ("token_expired", "new bot token"),
        ("not_authed", "new bot token"),
        ("channel_not_found", "/invite"),
        ("not_in_channel", "/invite"),
        ("is_archived", "Unarchive"),
        ("missing_scope", "chat:write"),
        ("no_permission", "administrators"),
        ("restricted_action", "administrators"),
        ("invalid_blocks", "bug"),
        ("msg_too_long", "bug"),
        ("unknown_method", "SLACK_API_URL"),
    ],
)
def test_an_api_error_that_stays_is_permanent_and_says_what_to_do(
    bot: SlackBot, notice: Notice, slack_peer: SlackPeer, code: str, todo: str
) -> None:
    slack_peer.fail(Fault(error=code))
    failure = _failure(bot, notice)

    assert failure.permanent
    assert re.search(f"{CHANNEL}.*{code}.*{todo}", str(failure))


@pytest.mark.parametrize(
    ("refusal", "todo"),
    [
        ((400, "invalid_payload"), "bug"),
        ((403, "action_prohibited"), "administrators"),
        ((403, "invalid_token"), "new incoming webhook"),
        ((404, "no_service"), "new incoming webhook"),
        ((404, "channel_not_found"), "/invite"),
        ((410, "channel_is_archived"), "Unarchive"),
        ((403, "<html>"), "administrators"),
        ((404, "<html>"), "webhook URL"),
        ((410, ""), "Unarchive"),
        ((418, ""), "bug"),
    ],
)
def test_a_webhook_refusal_is_permanent_and_says_what_to_do(
    webhook: SlackWebhook,
    notice: Notice,
    slack_peer: SlackPeer,
    refusal: tuple[int, str],
    todo: str,
) -> None:
    status, body = refusal
    slack_peer.fail(Fault(status=status, body=body))
    failure = _failure(webhook, notice)

    assert failure.permanent
    assert re.search(f"127.0.0.1.*{status}.*{todo}", str(failure))


@pytest.mark.parametrize(
    ("token", "channel", "code"),
    [
        ("xoxb-wrong", CHANNEL, "invalid_auth"),
        (None, "C0NONE", "channel_not_found"),
        (None, "C0OLD", "is_archived"),
        (None, "C0OUT", "not_in_channel"),
    ],
)
def test_the_peer_itself_refuses_as_slack_does(
    notice: Notice, slack_peer: SlackPeer, token: str | None, channel: str, code: str
) -> None:
    bot = SlackBot(token or slack_peer.token, channel, base_url=slack_peer.api_url)
    failure = _failure(bot, notice)

    assert failure.permanent
    assert code in str(failure)


def test_a_webhook_that_was_removed_is_permanent(notice: Notice, slack_peer: SlackPeer) -> None:
    failure = _failure(SlackWebhook(slack_peer.url + "/services/T/B/GONE"), notice)

    assert failure.permanent
    assert "no_service" in str(failure)


def test_nobody_listening_is_tried_again(notice: Notice, slack_peer: SlackPeer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as reserved:
        url = f"http://127.0.0.1:{reserved.getsockname()[1]}"
    for notifier in (
        SlackBot(slack_peer.token, CHANNEL, base_url=url + "/api/"),
        SlackWebhook(url + "/services/T/B/X"),
    ):
        failure = _failure(notifier, notice)

        assert not failure.permanent
        assert "Connection refused" in str(failure)
