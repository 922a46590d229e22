"""Which kind of Slack the settings ask for: a bot, a webhook, or none (the log)."""

import re
from dataclasses import dataclass, field

from kpi_pipeline.notify.log import LogNotifier
from kpi_pipeline.notify.settings import address_problems, key_problems, refuse
from kpi_pipeline.notify.slack_bot import SlackBot
from kpi_pipeline.notify.slack_webhook import SlackWebhook
from kpi_pipeline.ports.delivery import Notifier

_CHANNEL_ID = re.compile(r"[A-Z0-9]+")
_ID = "an ID such as C0123456789, which Slack shows at the end of the channel's details"


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackSettings:
    """What the environment says of Slack; blank settings count as missing.

    Attributes:
        token: Bot token.
        channel: ID of the channel that the bot posts to where a rule names none.
        webhook_url: URL of an incoming webhook.
        api_url: Another address of Slack's Web API, with or without a trailing slash.
    """

    token: str | None = field(default=None, repr=False)
    channel: str | None = field(default=None, repr=False)  # a token may land here
    webhook_url: str | None = field(default=None, repr=False)
    api_url: str | None = field(default=None, repr=False)


def slack_from(settings: SlackSettings, target: str = "") -> Notifier:
    """Return the best Slack notifier that the settings allow; opens no connection.

    A bot if there is a token, else a webhook if there is its URL, else the log.

    Args:
        settings: Of the environment.
        target: ID of another channel; only a bot can choose one.

    Raises:
        ChannelSettingsError: The settings cannot work.
    """
    given = (settings.token, settings.channel, settings.webhook_url, settings.api_url)
    token, channel, webhook_url, api_url = ((setting or "").strip() for setting in given)
    refuse(
        [
            *(_bot_problems(token, channel, target) if token else ()),
            *(address_problems("SLACK_WEBHOOK_URL", webhook_url) if webhook_url else ()),
            *(address_problems("SLACK_API_URL", api_url) if api_url else ()),
            *(_webhook_problems(target) if webhook_url and not token else ()),
        ]
    )
    name = f"slack:{target}" if target else "slack"
    if token:
        base = f"{api_url.rstrip('/')}/" if api_url else None
        return SlackBot(token, target or channel, base, channel=name)
    return SlackWebhook(webhook_url) if webhook_url else LogNotifier(name)


def _bot_problems(token: str, channel: str, target: str) -> list[str]:
    problems = key_problems("SLACK_BOT_TOKEN", token)
    if not target and not channel:
        problems.append("SLACK_BOT_TOKEN is set but no channel: set SLACK_CHANNEL to its ID.")
    elif not target and not _CHANNEL_ID.fullmatch(channel):
        problems.append(
            f"SLACK_CHANNEL is not a channel's ID: it is {_ID}. A name is not enough, the "
            "channel's history can be asked by ID only."
        )
    elif target and not _CHANNEL_ID.fullmatch(target):
        problems.append(f"slack:{target} names no channel's ID: it is {_ID}.")
    return problems


def _webhook_problems(target: str) -> list[str]:
    if not target:
        return []
    own = "an incoming webhook posts to its own channel only"
    return [f"slack:{target} needs a bot: {own}. Set SLACK_BOT_TOKEN, or notify plain `slack`."]
