import pytest

from kpi_pipeline.model.notice import Notice
from kpi_pipeline.notify.slack import SlackSettingsError, slack_from
from kpi_pipeline_tests.notify.slack_peer import CHANNEL, SlackPeer

TOKEN = "xoxb-1"  # noqa: S105 - opens nothing
URL = "https://hooks.slack.com/services/T/B/X"


@pytest.mark.parametrize(
    ("token", "channel", "webhook_url", "expected"),
    [
        (TOKEN, "C0OPS", None, "Slack channel C0OPS"),
        (TOKEN, "C0OPS", URL, "Slack channel C0OPS"),
        (f" {TOKEN}\n", " C0OPS ", "", "Slack channel C0OPS"),
        (None, None, URL, "Slack webhook at hooks.slack.com"),
        ("", "C0OPS", URL, "Slack webhook at hooks.slack.com"),
        (None, "C0OPS", None, "the log (no Slack settings)"),
        (" ", " ", " ", "the log (no Slack settings)"),
    ],
)
def test_the_best_notifier_that_the_settings_allow_is_chosen(
    token: str | None, channel: str | None, webhook_url: str | None, expected: str
) -> None:
    notifier = slack_from(token=token, channel=channel, webhook_url=webhook_url, api_url=None)

    assert notifier.description == expected
    assert notifier.channel == "slack"


@pytest.mark.parametrize("slash", ["", "/"])
def test_the_api_address_works_with_and_without_a_trailing_slash(
    notice: Notice, slack_peer: SlackPeer, slash: str
) -> None:
    notifier = slack_from(
        token=slack_peer.token,
        channel=CHANNEL,
        webhook_url=None,
        api_url=slack_peer.api_url.rstrip("/") + slash,
    )
    notifier.deliver(notice)

    assert len(slack_peer.messages) == 1


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"token": TOKEN}, "no channel"),
        ({"token": TOKEN, "channel": "#ops"}, "is not a channel's ID"),
        ({"token": "xoxb 1", "channel": "C0OPS"}, "holds a space"),
        ({"token": "xoxb-ß", "channel": "C0OPS"}, "copy it again"),
        ({"api_url": "ftp://slack.example/"}, "API URL"),
        ({"api_url": "file:///etc/passwd"}, "API URL"),
        ({"api_url": "slack.example/api"}, "API URL"),
        ({"api_url": "http://"}, "API URL"),
        ({"api_url": "http://[::1/api"}, "API URL"),
        ({"api_url": "http://host:port/api"}, "API URL"),
        ({"webhook_url": "hooks.slack.com/services/T/B/X"}, "webhook URL"),
        ({"webhook_url": "https://hooks.slack.com/ services"}, "webhook URL"),
    ],
)
def test_settings_that_cannot_work_are_refused_with_what_to_do(
    settings: dict[str, str], problem: str
) -> None:
    blank: dict[str, str | None] = dict.fromkeys(("token", "channel", "webhook_url", "api_url"))

    with pytest.raises(SlackSettingsError, match=problem):
        slack_from(**(blank | settings))


def test_all_problems_are_reported_together_and_without_secrets() -> None:
    with pytest.raises(SlackSettingsError) as caught:
        slack_from(token="xoxb 1", channel="", webhook_url="T/B/X", api_url="ftp://x")  # noqa: S106 - opens nothing
    message = str(caught.value)

    for part in ("bot token", "no channel", "webhook URL", "API URL"):
        assert part in message
    assert "xoxb" not in message
    assert "T/B/X" not in message
    assert caught.value.__context__ is None
