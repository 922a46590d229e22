"""Every kind of channel wired to its settings: one line a kind."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping

from kpi_pipeline.config import Settings, SettingsError
from kpi_pipeline.model.channel import parse_channel
from kpi_pipeline.model.errors import KpiError, NoChannelError
from kpi_pipeline.notify.apprise import Apprise
from kpi_pipeline.notify.email_settings import EmailSettings, email_from
from kpi_pipeline.notify.log import LogNotifier
from kpi_pipeline.notify.pagerduty import ADDRESS, PagerDuty
from kpi_pipeline.notify.settings import (
    address_problems,
    key_problems,
    refuse,
    suffix,
    variable,
)
from kpi_pipeline.notify.slack import SlackSettings, slack_from
from kpi_pipeline.notify.webhook import Webhook
from kpi_pipeline.ports.delivery import Notifier

Clock = Callable[[], float]
_NEXT_ADDRESS = re.compile(r"[\s,]+(?=[A-Za-z0-9]+://)")


class Channels(Mapping[str, Notifier]):
    """Channels by name; lists those that were asked for, and opens others where they are needed.

    The end of an episode is told where its beginning was, also after a rule has changed its
    channels or was deleted: so every channel that the settings allow can be had by name.

    Args:
        settings: Of the environment.
        names: The channels that the rules name; the log is always one.
        clock: Seconds since 1970, for signatures and dates.

    Raises:
        SettingsError: The settings of some channel cannot work; lists all problems.
    """

    def __init__(self, settings: Settings, names: Collection[str], clock: Clock) -> None:
        self._settings, self._clock = settings, clock
        self._named: dict[str, Notifier] = {}
        self._others: dict[str, Notifier] = {}
        problems = []
        for name in sorted({*names, "log"}):
            try:
                self._named[name] = channel(name, settings, clock)
            except KpiError as error:
                problems.append(str(error))
        if problems:
            raise SettingsError(" ".join(dict.fromkeys(problems)))

    def __getitem__(self, name: str) -> Notifier:
        """The channel of a name.

        Raises:
            NoChannelError: There is no such channel, or its settings cannot work.
        """
        known = self._named.get(name) or self._others.get(name)
        if known is None:
            try:
                known = self._others[name] = channel(name, self._settings, self._clock)
            except KpiError as error:
                raise NoChannelError(f"{name} cannot be used: {error}") from None
        return known

    def __iter__(self) -> Iterator[str]:
        return iter(self._named)

    def __len__(self) -> int:
        return len(self._named)


def channel(name: str, settings: Settings, clock: Clock) -> Notifier:
    """The channel of a name; the log stands in for one without settings.

    Raises:
        SettingsError: There is no such channel.
        ChannelSettingsError: Its settings cannot work.
    """
    try:
        kind, target = parse_channel(name)
    except ValueError as error:
        raise SettingsError(str(error)) from None
    return _BUILDERS[kind](settings, target, clock) or LogNotifier(name)


def _slack(settings: Settings, target: str, _: Clock) -> Notifier | None:
    found = SlackSettings(
        token=settings.slack_token,
        channel=settings.slack_channel,
        webhook_url=settings.slack_webhook,
        api_url=settings.slack_api,
    )
    return slack_from(found, target)


def _pagerduty(settings: Settings, target: str, _: Clock) -> Notifier | None:
    key = settings.pagerduty_keys.get(suffix(target))
    address = settings.pagerduty_api or ADDRESS
    if key is None:
        return None
    refuse(
        key_problems(variable("PAGERDUTY_ROUTING_KEY", target), key)
        + address_problems("PAGERDUTY_API_URL", address)
    )
    return PagerDuty(key, target, address)


def _email(settings: Settings, target: str, clock: Clock) -> Notifier | None:
    found = EmailSettings(
        url=settings.smtp_url, sender=settings.smtp_from, recipient=settings.email_to
    )
    return email_from(found, clock, target)


def _webhook(settings: Settings, target: str, clock: Clock) -> Notifier | None:
    url = settings.webhook_urls.get(suffix(target))
    if url is None:
        return None
    refuse(address_problems(variable("WEBHOOK_URL", target), url))
    # The shared secret signs for targets that have none of their own.
    shared = settings.webhook_secrets.get("")
    secret = settings.webhook_secrets.get(suffix(target), shared)
    return Webhook(url, clock, secret, target)


def _apprise(settings: Settings, target: str, _: Clock) -> Notifier | None:
    urls = settings.apprise_urls.get(suffix(target))
    return Apprise(_NEXT_ADDRESS.split(urls), target) if urls else None


_BUILDERS: Mapping[str, Callable[[Settings, str, Clock], Notifier | None]] = {
    "log": lambda _settings, _target, _clock: None,
    "slack": _slack,
    "pagerduty": _pagerduty,
    "email": _email,
    "webhook": _webhook,
    "apprise": _apprise,
}
