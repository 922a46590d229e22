import pytest

from kpi_pipeline.model.notice import Notice
from kpi_pipeline.notify.settings import ChannelSettingsError
from kpi_pipeline.notify.slack import SlackSettings, slack_from
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
    notifier = slack_from(SlackSettings(token=token, channel=channel, webhook_url=webhook_url))

    assert notifier.description == expected
    assert notifier.channel == "slack"


@pytest.mark.parametrize("slash", ["", "/"])
def test_the_api_address_works_with_and_without_a_trailing_slash(
    notice: Notice, slack_peer: SlackPeer, slash: str
) -> None:
    address = slack_peer.api_url.rstrip("/") + slash
    notifier = slack_from(SlackSettings(token=slack_peer.token, channel=CHANNEL, api_url=address))
    notifier.deliver(notice)

    assert len(slack_peer.messages) == 1


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"token": TOKEN}, "no channel"),
        ({"token": TOKEN, "channel": "#ops"}, "is not a channel's ID"),
        ({"token": "xoxb 1", "channel": "C0OPS"}, "holds a space"),
        ({"token": "xoxb-ß", "channel": "C0OPS"}, "copy it again"),
        ({"api_url": "ftp://slack.example/"}, "SLACK_API_URL"),
        ({"api_url": "file:///etc/passwd"}, "SLACK_API_URL"),
        ({"api_url": "slack.example/api"}, "SLACK_API_URL"),
        ({"api_url": "http://"}, "SLACK_API_URL"),
        ({"api_url": "http://[::1/api"}, "SLACK_API_URL"),
        ({"api_url": "http://host:port/api"}, "SLACK_API_URL"),
        ({"webhook_url": "hooks.slack.com/services/T/B/X"}, "SLACK_WEBHOOK_URL"),
        ({"webhook_url": "https://hooks.slack.com/ services"}, "SLACK_WEBHOOK_URL"),
    ],
)
def test_settings_that_cannot_work_are_refused_with_what_to_do(
    settings: dict[str, str], problem: str
) -> None:
    with pytest.raises(ChannelSettingsError, match=problem):
        slack_from(SlackSettings(**settings))


def test_all_problems_are_reported_together_and_without_secrets() -> None:
    with pytest.raises(ChannelSettingsError) as caught:
        slack_from(SlackSettings(token="xoxb 1", webhook_url="T/B/X", api_url="ftp://x"))  # noqa: S106 - opens nothing
    message = str(caught.value)

    for part in ("SLACK_BOT_TOKEN", "no channel", "SLACK_WEBHOOK_URL", "SLACK_API_URL"):
        assert part in message
    assert "xoxb" not in message
    assert "T/B/X" not in message
    assert caught.value.__context__ is None


def test_a_target_is_another_channel_of_the_same_bot(notice: Notice, slack_peer: SlackPeer) -> None:
    slack_peer.channels["C0EU"] = ""
    notifier = slack_from(SlackSettings(token=slack_peer.token, api_url=slack_peer.api_url), "C0EU")
    notifier.deliver(notice)

    assert notifier.channel == "slack:C0EU"
    assert [message["channel"] for message in slack_peer.messages] == ["C0EU"]


def test_a_webhook_cannot_choose_its_channel_and_says_so() -> None:
    with pytest.raises(ChannelSettingsError, match=r"slack:C0EU needs a bot.*SLACK_BOT_TOKEN"):
        slack_from(SlackSettings(webhook_url=URL), "C0EU")


def test_a_target_without_any_settings_goes_to_the_log() -> None:
    notifier = slack_from(SlackSettings(), "C0EU")

    assert notifier.description == "the log (no Slack settings for C0EU)"
