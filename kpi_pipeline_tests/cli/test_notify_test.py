import os

import pytest
from click.testing import CliRunner, Result

from kpi_pipeline.cli.main import cli
from kpi_pipeline.model.errors import KpiError
from kpi_pipeline_tests.notify.http_peer import Fault
from kpi_pipeline_tests.notify.pagerduty_peer import KEY, PagerDutyPeer
from kpi_pipeline_tests.notify.slack_peer import CHANNEL, TOKEN, SlackPeer


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer's own settings must neither be found nor be told of."""
    kinds = ("SLACK_", "PAGERDUTY_", "SMTP_", "EMAIL_", "WEBHOOK_", "APPRISE_")
    for name in [name for name in os.environ if name.startswith(kinds)]:
        monkeypatch.delenv(name)


@pytest.fixture
def slack(slack_peer: SlackPeer, monkeypatch: pytest.MonkeyPatch) -> SlackPeer:
    monkeypatch.setenv("SLACK_BOT_TOKEN", TOKEN)
    monkeypatch.setenv("SLACK_CHANNEL", CHANNEL)
    monkeypatch.setenv("SLACK_API_URL", slack_peer.api_url)
    return slack_peer


def _run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["notify-test", *arguments])


def test_a_sample_and_its_end_arrive(slack: SlackPeer) -> None:
    result = _run("slack", "--pipeline", "shop")
    root, answer = slack.messages

    assert result.exit_code == 0
    assert result.output.splitlines() == [
        f"FIRE arrived at Slack channel {CHANNEL} as {root['ts']}",
        f"RESOLVE arrived at Slack channel {CHANNEL} as {answer['ts']}",
    ]
    assert "shop: a test of this channel" in str(root)
    assert "RESOLVED" in str(root)


def test_two_samples_are_two_episodes(slack: SlackPeer) -> None:
    _run("slack")
    _run("slack")

    assert len(slack.messages) == 4


def test_a_bot_that_may_not_look_says_so(slack: SlackPeer) -> None:
    slack.fail(Fault(), times=1)
    slack.fail(Fault(error="missing_scope"))
    result = _run("slack")

    assert result.exit_code == 0
    assert "add the scope channels:history" in result.output


def test_a_channel_that_refuses_is_told_with_what_to_do(slack: SlackPeer) -> None:
    slack.fail(Fault(error="not_in_channel"))
    result = _run("slack")

    assert result.exit_code == 1
    assert "/invite the app" in result.output
    assert TOKEN not in result.output


@pytest.mark.parametrize(
    ("name", "setting"),
    [
        ("slack", "SLACK_BOT_TOKEN and SLACK_CHANNEL"),
        ("slack:C0EU", "SLACK_BOT_TOKEN"),
        ("pagerduty:payments", "PAGERDUTY_ROUTING_KEY_PAYMENTS"),
        ("webhook", "WEBHOOK_URL"),
        ("apprise:data_team", "APPRISE_URLS_DATA_TEAM"),
        ("email:ops@example.com", "SMTP_URL"),
    ],
)
def test_a_channel_without_settings_says_which_it_wants(name: str, setting: str) -> None:
    result = _run(name)

    assert result.exit_code == 1
    assert "is not set up" in result.output
    assert setting in result.output


def test_a_wrong_name_gets_the_nearest_right_one() -> None:
    result = _run("pagerdutty")

    assert result.exit_code == 2
    assert "did you mean 'pagerduty'?" in result.output


def test_settings_that_cannot_work_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEBHOOK_URL", "hooks.example.com/s3cret")
    result = _run("webhook")

    assert isinstance(result.exception, KpiError)
    assert "WEBHOOK_URL is not an address" in str(result.exception)
    assert "s3cret" not in str(result.exception)


def test_a_target_finds_its_own_key(monkeypatch: pytest.MonkeyPatch) -> None:
    with PagerDutyPeer() as peer:
        monkeypatch.setenv("PAGERDUTY_ROUTING_KEY", "of another service")
        monkeypatch.setenv("PAGERDUTY_ROUTING_KEY_PAYMENTS", KEY)
        monkeypatch.setenv("PAGERDUTY_API_URL", peer.url)
        result = _run("pagerduty:payments")

    assert result.exit_code == 0
    assert [incident.resolved for incident in peer.incidents] == [True]


def test_the_log_always_works(caplog: pytest.LogCaptureFixture) -> None:
    result = _run("log")

    assert result.exit_code == 0
    assert "TEST avg_order_value" in caplog.text
