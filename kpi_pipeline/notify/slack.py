"""Which kind of Slack the settings ask for: a bot, a webhook, or none (the log)."""

import re
from urllib.parse import urlsplit

from kpi_pipeline.model.errors import KpiError
from kpi_pipeline.notify.log import LogNotifier
from kpi_pipeline.notify.slack_bot import SlackBot
from kpi_pipeline.notify.slack_webhook import SlackWebhook
from kpi_pipeline.ports.delivery import Notifier

_CHANNEL_ID = re.compile(r"[A-Z0-9]+")
_VISIBLE = re.compile(r"[!-~]+")


class SlackSettingsError(KpiError):
    """The Slack settings cannot work; all problems together, none with a secret."""


def slack_from(
    *, token: str | None, channel: str | None, webhook_url: str | None, api_url: str | None
) -> Notifier:
    """Return the best Slack notifier that the settings allow; opens no connection.

    A bot if there is a token, else a webhook if there is its URL, else the log. Blank settings
    count as missing.

    Args:
        token: Bot token.
        channel: ID of the channel that the bot posts to.
        webhook_url: URL of an incoming webhook.
        api_url: Another address of Slack's Web API, with or without a trailing slash.

    Raises:
        SlackSettingsError: The settings cannot work.
    """
    token, channel, webhook_url, api_url = (
        (setting or "").strip() for setting in (token, channel, webhook_url, api_url)
    )
    _refuse(
        [
            *(_bot_problems(token, channel) if token else ()),
            *(_url_problems("Slack webhook URL", webhook_url) if webhook_url else ()),
            *(_url_problems("Slack API URL", api_url) if api_url else ()),
        ]
    )
    if token:
        return SlackBot(token, channel, base_url=_with_slash(api_url) if api_url else None)
    return SlackWebhook(webhook_url) if webhook_url else LogNotifier("slack")


def _refuse(problems: list[str]) -> None:
    if problems:
        raise SlackSettingsError(" ".join(problems))


def _bot_problems(token: str, channel: str) -> list[str]:
    problems = []
    if not _VISIBLE.fullmatch(token):
        problems.append(
            "The Slack bot token holds a space or a character that no token has: copy it again."
        )
    if not channel:
        problems.append(
            "A Slack bot token is set but no channel: set SLACK_CHANNEL to the channel's ID."
        )
    elif not _CHANNEL_ID.fullmatch(channel):
        problems.append(
            "SLACK_CHANNEL is not a channel's ID: Slack shows the ID (such as "
            "C0123456789) at the end of the channel's details. A name is not enough, the "
            "channel's history can be asked by ID only."
        )
    return problems


def _url_problems(name: str, url: str) -> list[str]:
    """Check an address without repeating it: a webhook's URL is a secret."""
    try:
        parts = urlsplit(url)
        usable = bool(parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0)
    except ValueError:
        usable = False
    if usable and _VISIBLE.fullmatch(url):
        return []
    return [f"The {name} is not an address: it must begin with http:// or https:// and a host."]


def _with_slash(url: str) -> str:
    return url if url.endswith("/") else f"{url}/"
