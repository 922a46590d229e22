"""What every channel promises, whichever it is."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from kpi_pipeline.model.notice import Level, Notice, NoticeKind
from kpi_pipeline.notify.log import LogNotifier
from kpi_pipeline.notify.slack_bot import SlackBot
from kpi_pipeline.notify.slack_webhook import SlackWebhook
from kpi_pipeline.ports.delivery import Notifier
from kpi_pipeline_tests.notify.slack_peer import CHANNEL, WEBHOOK, SlackPeer

BUILDERS: dict[str, Callable[[SlackPeer], Notifier]] = {
    "log": lambda _: LogNotifier("slack"),
    "bot": lambda peer: SlackBot(peer.token, CHANNEL, base_url=peer.api_url),
    "webhook": lambda peer: SlackWebhook(peer.webhook_url),
}


@pytest.fixture(params=BUILDERS)
def notifier(request: pytest.FixtureRequest, slack_peer: SlackPeer) -> Notifier:
    return BUILDERS[request.param](slack_peer)


def test_it_is_named_as_thresholds_name_it(notifier: Notifier) -> None:
    assert notifier.channel == "slack"


def test_it_says_where_messages_go_without_a_secret(
    notifier: Notifier, slack_peer: SlackPeer
) -> None:
    shown = f"{notifier.description} {notifier!r}"

    assert notifier.description
    assert slack_peer.token not in shown
    assert WEBHOOK not in shown


def test_a_delivered_notice_is_found_under_its_reference_or_not_at_all(
    notifier: Notifier, notice: Notice
) -> None:
    reference = notifier.deliver(notice)

    assert notifier.find(notice) == (reference or None)


def test_a_notice_that_was_never_delivered_is_not_found(notifier: Notifier, notice: Notice) -> None:
    notifier.deliver(notice)

    assert notifier.find(replace(notice, key="another/key")) is None


@pytest.mark.parametrize("level", [Level.WARN, Level.CRITICAL])
@pytest.mark.parametrize("kind", NoticeKind)
def test_every_kind_at_every_level_is_delivered(
    notifier: Notifier, notice: Notice, kind: NoticeKind, level: Level
) -> None:
    reference = notifier.deliver(replace(notice, kind=kind, level=level))

    assert isinstance(reference, str)


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"facts": ()}, id="no facts"),
        pytest.param({"text": ""}, id="no text"),
        pytest.param({"facts": (("", ""),)}, id="an empty fact"),
        pytest.param({"text": "&" * 500, "headline": "<" * 500}, id="too long, all escaped"),
        pytest.param({"facts": (("&" * 3000, "<" * 3000),) * 60}, id="too many facts, too long"),
        pytest.param({"facts": (("x", "\x00\n\ud7ff😀"),)}, id="odd characters"),
        pytest.param({"episode_key": "&" * 5000}, id="an episode key beyond all limits"),
    ],
)
def test_a_notice_beyond_the_limits_is_delivered_shortened(
    notifier: Notifier, notice: Notice, changes: dict[str, str]
) -> None:
    reference = notifier.deliver(replace(notice, **changes))  # type: ignore[arg-type]

    assert isinstance(reference, str)
