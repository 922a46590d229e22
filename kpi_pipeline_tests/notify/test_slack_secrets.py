"""Neither token nor webhook URL reaches a message, a traceback, a log or a `repr`."""

import logging
import traceback
from collections.abc import Callable, Iterator

import pytest

from kpi_pipeline.model.errors import DeliveryError
from kpi_pipeline.model.notice import Notice
from kpi_pipeline.notify.slack_bot import SlackBot
from kpi_pipeline.notify.slack_webhook import SlackWebhook
from kpi_pipeline.ports.delivery import Notifier
from kpi_pipeline_tests.notify.slack_peer import CHANNEL, Fault, SlackPeer

TOKEN = "xoxb-1234-hush"  # noqa: S105 - opens nothing
HUSHED = "T0HUSH/B0HUSH/x0HUSH"
FAULTS = [
    pytest.param(Fault(status=429, retry_after="1"), id="429"),
    pytest.param(Fault(status=500), id="500"),
    pytest.param(Fault(status=403, body="invalid_token"), id="403"),
    pytest.param(Fault(status=307), id="redirect to nowhere"),
    pytest.param(Fault(reset="before"), id="reset"),
    pytest.param(Fault(hang=True), id="hang"),
    pytest.param(Fault(body="garbage"), id="garbage"),
    pytest.param(Fault(body=f"{TOKEN} services/{HUSHED}"), id="an echo of the secrets"),
    pytest.param(Fault(error=f"{TOKEN} {HUSHED}"), id="the secrets as an error code"),
    pytest.param(Fault(status=400, body=f"{TOKEN} {HUSHED}"), id="the secrets, refused"),
    pytest.param(Fault(error="invalid_auth"), id="invalid_auth"),
]


@pytest.fixture(params=["bot", "webhook"])
def notifier(request: pytest.FixtureRequest, slack_peer: SlackPeer) -> Notifier:
    slack_peer.token = TOKEN
    if request.param == "bot":
        return SlackBot(TOKEN, CHANNEL, base_url=slack_peer.api_url, timeout=1)
    return SlackWebhook(f"{slack_peer.url}/services/{HUSHED}", timeout=1)


def _assert_free_of_secrets(*texts: str) -> None:
    for text in texts:
        assert "hush" not in text.lower()
        assert "/services/" not in text


def _failure(call: Callable[[Notice], object], notice: Notice) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        call(notice)
    return caught.value


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


@pytest.mark.parametrize("fault", FAULTS)
def test_a_failed_delivery_shows_no_secret_anywhere(
    notifier: Notifier,
    notice: Notice,
    slack_peer: SlackPeer,
    caplog: pytest.LogCaptureFixture,
    fault: Fault,
) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, logger="slack_sdk")
    slack_peer.fail(fault)
    failure = _failure(notifier.deliver, notice)

    assert [failure] == list(_chain(failure))
    _assert_free_of_secrets(str(failure), repr(failure), caplog.text)
    _assert_free_of_secrets("".join(traceback.format_exception(failure)))


def test_a_failed_search_shows_no_secret_anywhere(
    notice: Notice, slack_peer: SlackPeer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    slack_peer.fail(Fault(reset="before"))
    bot = SlackBot(TOKEN, CHANNEL, base_url=slack_peer.api_url)
    failure = _failure(bot.find, notice)

    assert failure.__cause__ is failure.__context__ is None
    _assert_free_of_secrets(caplog.text, "".join(traceback.format_exception(failure)))


@pytest.mark.parametrize(
    "build",
    [
        pytest.param(lambda url: SlackBot(f"{TOKEN}\nx", "C0", url), id="a token on two lines"),
        pytest.param(lambda url: SlackBot(f"{TOKEN}€", "C0", url), id="a token beyond ASCII"),
        pytest.param(lambda url: SlackWebhook(f"{url} /{HUSHED}"), id="an address with a space"),
        pytest.param(lambda _: SlackWebhook(f"hush:{HUSHED}"), id="an address of no known kind"),
    ],
)
def test_a_request_that_python_refuses_shows_no_secret(
    build: Callable[[str], Notifier],
    notice: Notice,
    slack_peer: SlackPeer,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    failure = _failure(build(slack_peer.api_url).deliver, notice)

    assert slack_peer.requests == []
    assert [failure] == list(_chain(failure))
    _assert_free_of_secrets(str(failure), caplog.text)
    _assert_free_of_secrets("".join(traceback.format_exception(failure)))


def test_a_successful_delivery_logs_no_secret(
    notice: Notice, slack_peer: SlackPeer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    slack_peer.token = TOKEN
    bot = SlackBot(TOKEN, CHANNEL, base_url=slack_peer.api_url)
    bot.deliver(notice)
    SlackWebhook(slack_peer.webhook_url).deliver(notice)

    assert len(slack_peer.messages) == 2
    _assert_free_of_secrets(caplog.text, str(slack_peer.messages), repr(bot))


def test_repr_shows_no_secret(notifier: Notifier) -> None:
    _assert_free_of_secrets(repr(notifier), str(notifier), notifier.description)
