"""Channels by name, as the settings allow them."""

import sys
from collections.abc import Mapping

import pytest

from kpi_pipeline.assembly import channels
from kpi_pipeline.config import SettingsError, read_settings
from kpi_pipeline.model.errors import NoChannelError
from kpi_pipeline.model.notice import Notice
from kpi_pipeline.model.outbox import OutboxState, Queued
from kpi_pipeline.pipeline.attempt import attempt
from kpi_pipeline.ports.delivery import Notifier

KEY = "0123456789abcdef0123456789abcdef"
EVERYTHING = {
    "SLACK_BOT_TOKEN": "xoxb-1",
    "SLACK_CHANNEL": "C0OPS",
    "PAGERDUTY_ROUTING_KEY": KEY,
    "PAGERDUTY_ROUTING_KEY_DATA_TEAM": KEY,
    "SMTP_URL": "smtp://mail.example.com",
    "SMTP_FROM": "KPI <kpi@example.com>",
    "EMAIL_TO": "ops@example.com",
    "WEBHOOK_URL": "https://hooks.example.com/a",
    "WEBHOOK_URL_DATA_TEAM": "https://data.example.com/b",
    "APPRISE_URLS": "json://a.example.com, json://b.example.com/x,y json://c.example.com",
}


def _channels(environ: dict[str, str], *names: str) -> Mapping[str, Notifier]:
    return channels(read_settings(environ), names)


@pytest.mark.parametrize(
    ("name", "description"),
    [
        ("log", "the log"),
        ("slack", "Slack channel C0OPS"),
        ("slack:C0EU", "Slack channel C0EU"),
        ("pagerduty", "PagerDuty"),
        ("pagerduty:data_team", "PagerDuty (data_team)"),
        ("email", "e-mail to ops@example.com"),
        ("email:cfo@example.com", "e-mail to cfo@example.com"),
        ("webhook", "webhook at hooks.example.com"),
        ("webhook:data_team", "webhook at data.example.com"),
        ("apprise", "apprise (3 addresses)"),
    ],
)
def test_a_name_gets_its_channel(name: str, description: str) -> None:
    notifier = _channels(EVERYTHING, name)[name]

    assert notifier.description == description
    assert notifier.channel == name


@pytest.mark.parametrize(
    ("name", "description"),
    [
        ("slack", "the log (no Slack settings)"),
        ("slack:C0EU", "the log (no Slack settings for C0EU)"),
        ("pagerduty:data_team", "the log (no PagerDuty settings for data_team)"),
        ("email:cfo@example.com", "the log (no e-mail settings for cfo@example.com)"),
        ("webhook:data_team", "the log (no webhook settings for data_team)"),
        ("apprise", "the log (no apprise settings)"),
    ],
)
def test_without_settings_the_log_stands_in_and_says_so(name: str, description: str) -> None:
    # Those of the plain kind are not a target's: they would tell other people.
    others = {k: v for k, v in EVERYTHING.items() if k in {"PAGERDUTY_ROUTING_KEY", "WEBHOOK_URL"}}
    notifier = _channels(others, name)[name]

    assert notifier.description == description
    assert notifier.channel == name


def test_those_that_are_named_are_listed_and_the_log() -> None:
    assert list(_channels(EVERYTHING, "slack:C0EU", "email")) == ["email", "log", "slack:C0EU"]


def test_an_episode_ends_where_it_began_though_its_rule_is_gone() -> None:
    known = _channels(EVERYTHING, "slack")

    assert known["webhook"].description == "webhook at hooks.example.com"
    assert known["webhook"] is known["webhook"]
    assert "webhook" not in list(known)
    assert known.get("telegraph") is None


def test_a_channel_nobody_names_may_be_set_up_wrongly() -> None:
    known = _channels(EVERYTHING | {"WEBHOOK_URL": "nonsense"}, "slack")

    assert known["slack"]
    assert known.get("webhook") is None
    with pytest.raises(
        NoChannelError, match=r"^webhook cannot be used: WEBHOOK_URL is not an addr"
    ):
        known["webhook"]


@pytest.mark.parametrize("name", ["WEBHOOK_URL_", "PAGERDUTY_ROUTING_KEY_", "APPRISE_URLS_"])
def test_a_setting_of_no_target_is_refused_instead_of_taking_the_plain_ones_place(
    name: str,
) -> None:
    plain = name.removesuffix("_")
    with pytest.raises(SettingsError, match=f"{name} names no target: write {plain}, or") as caught:
        read_settings(EVERYTHING | {name: "s3cret"})

    assert "s3cret" not in str(caught.value)
    assert read_settings(EVERYTHING | {name: " "}) == read_settings(EVERYTHING)


@pytest.mark.parametrize(
    ("changes", "name", "problem"),
    [
        ({"SLACK_CHANNEL": ""}, "slack", "set SLACK_CHANNEL"),
        ({"PAGERDUTY_ROUTING_KEY": "s3cret key"}, "pagerduty", "PAGERDUTY_ROUTING_KEY holds"),
        ({"PAGERDUTY_API_URL": "s3cret"}, "pagerduty", "PAGERDUTY_API_URL is not an address"),
        ({"SMTP_URL": "mail:s3cret"}, "email", "SMTP_URL is not like"),
        ({"SMTP_FROM": ""}, "email", "SMTP_FROM is not an address"),
        ({"EMAIL_TO": "a@x.example,b@x.example"}, "email", "EMAIL_TO is not one address"),
        ({"WEBHOOK_URL_DATA_TEAM": "s3cret"}, "webhook:data_team", "WEBHOOK_URL_DATA_TEAM is not"),
        ({"APPRISE_URLS": "json://x s3cret://y"}, "apprise", "address 2 is none"),
        ({"SMTP_URL": "smtp://a@b:s3cret@c"}, "email", "write each @"),
    ],
)
def test_settings_that_cannot_work_are_named_without_their_secret(
    changes: dict[str, str], name: str, problem: str
) -> None:
    with pytest.raises(SettingsError, match=problem) as caught:
        _channels(EVERYTHING | changes, name)

    assert "s3cret" not in str(caught.value)


def test_all_problems_are_told_together() -> None:
    wrong = {"SLACK_CHANNEL": "", "WEBHOOK_URL": "x", "SMTP_FROM": "x"}
    with pytest.raises(SettingsError) as caught:
        _channels(EVERYTHING | wrong, "slack", "webhook", "email")

    for name in ("SLACK_CHANNEL", "WEBHOOK_URL", "SMTP_FROM"):
        assert name in str(caught.value)


def test_a_missing_package_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    with pytest.raises(SettingsError, match=r"pip install 'kpi-pipeline\[apprise\]'"):
        _channels(EVERYTHING, "apprise")


def test_the_settings_show_no_secret() -> None:
    secrets = {key: f"s3cret-{key}" for key in EVERYTHING} | {"WEBHOOK_SECRET_X": "s3cret"}

    assert "s3cret" not in repr(read_settings(secrets))


def test_an_address_that_stands_in_messages_holds_no_login() -> None:
    with pytest.raises(SettingsError, match="KPI_UI_URL: leave the login out") as caught:
        read_settings({"KPI_UI_URL": "https://admin:hush@dagster.example.com"})

    assert "hush" not in str(caught.value)


def test_a_message_that_needs_a_channel_set_up_wrongly_says_what_to_mend(notice: Notice) -> None:
    known = _channels(EVERYTHING | {"WEBHOOK_URL": "s3cret"}, "slack")
    queued = Queued(id=7, channel="webhook", notice=notice, attempts=1, ambiguous=False)

    _, ended = attempt(queued, known)

    assert (ended.state, ended.instead) == (OutboxState.DEAD, ("log",))
    assert "WEBHOOK_URL is not an address: it must begin with http" in ended.error
    assert ended.error.endswith("Then send it again: kpi-pipeline outbox resend 7.")
    assert "s3cret" not in ended.error
