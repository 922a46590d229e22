"""No secret follows a redirect to another host, whichever client carries it."""

import logging
from collections.abc import Iterator

import pytest

from kpi_pipeline.model.errors import DeliveryError
from kpi_pipeline.model.notice import Notice
from kpi_pipeline.notify.pagerduty import PagerDuty
from kpi_pipeline.notify.slack_bot import SlackBot
from kpi_pipeline.notify.slack_webhook import SlackWebhook
from kpi_pipeline.orchestration.heartbeat import beat
from kpi_pipeline.ports.delivery import Notifier
from kpi_pipeline_tests.notify.channel_peers import AnyPeer
from kpi_pipeline_tests.notify.http_peer import Fault

REDIRECTS = (301, 302, 303, 307, 308)
LOGIN = "bWU6aHVzaC8x"  # base64 of me:hush/1


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[AnyPeer]:
    with AnyPeer() as running:
        yield running


@pytest.fixture(scope="module", params=REDIRECTS)
def redirecting(request: pytest.FixtureRequest, elsewhere: AnyPeer) -> Iterator[AnyPeer]:
    with AnyPeer() as running:
        running.fail(Fault(status=request.param, location=f"{elsewhere.url}/stolen"), times=9)
        yield running


@pytest.mark.parametrize("kind", ["bot", "webhook", "pagerduty"])
def test_a_channel_does_not_follow_and_says_so(
    redirecting: AnyPeer, elsewhere: AnyPeer, notice: Notice, kind: str
) -> None:
    channels: dict[str, Notifier] = {
        "bot": SlackBot("xoxb-hush", "C0", f"{redirecting.url}/api/", timeout=2),
        "webhook": SlackWebhook(f"{redirecting.url}/services/hush", timeout=2),
        "pagerduty": PagerDuty("hush", address=redirecting.url, timeout=2),
    }
    with pytest.raises(DeliveryError, match="HTTP 30") as caught:
        channels[kind].deliver(notice)

    assert elsewhere.requests == []
    assert "hush" not in str(caught.value)


def test_a_bot_that_looks_for_a_message_does_not_follow(
    redirecting: AnyPeer, elsewhere: AnyPeer, notice: Notice
) -> None:
    bot = SlackBot("xoxb-hush", "C0", f"{redirecting.url}/api/", timeout=2)
    with pytest.raises(DeliveryError):
        bot.find(notice)

    assert elsewhere.requests == []


def test_the_heartbeat_does_not_follow_and_says_what_to_set(
    redirecting: AnyPeer, elsewhere: AnyPeer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    beat(redirecting.url.replace("//", "//me:hush@") + "/hush")

    assert elsewhere.requests == []
    assert "a redirect: set KPI_HEARTBEAT_URL to where it leads" in caplog.text
    assert "hush" not in caplog.text


def test_a_heartbeat_with_a_login_says_it_in_a_header(elsewhere: AnyPeer) -> None:
    beat(elsewhere.url.replace("//", "//me:hush%2F1@") + "/ping")
    request = elsewhere.requests.pop()

    assert (request.path, request.headers["Authorization"]) == ("/ping", f"Basic {LOGIN}")


def test_a_heartbeat_that_cannot_be_asked_shows_no_login(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    for url in ("http://me:hush@127.0.0.1:1/x", "https://me:hush@", "http://me:hush@[::1/x"):
        beat(url)

    assert "the heartbeat to 127.0.0.1 failed" in caplog.text
    assert "hush" not in caplog.text
