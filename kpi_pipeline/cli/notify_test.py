"""`kpi-pipeline notify-test CHANNEL`: does a message arrive?"""

import os
import sys
import time
from collections.abc import Iterable
from datetime import UTC, datetime

import click
from rich.console import Console
from rich.markup import escape

from kpi_pipeline.channels import channel
from kpi_pipeline.config import Settings, read_settings
from kpi_pipeline.model.channel import parse_channel
from kpi_pipeline.model.errors import DeliveryError
from kpi_pipeline.pipeline.channel_remedy import channel_remedy
from kpi_pipeline.pipeline.sample import Arrived, sample_episode, send_sample
from kpi_pipeline.ports.delivery import Notifier, stands_in


@click.command("notify-test")
@click.argument("name", metavar="CHANNEL")
@click.option("--pipeline", default="sample", help="The name that the messages carry.")
def notify_test_command(name: str, pipeline: str) -> None:
    """Send a sample alert and its end over CHANNEL, as a rule's `notify` names it.

    Exit code 1 if it did not arrive, or if the channel is not set up.
    """
    console = Console(soft_wrap=True, highlight=False)
    settings = read_settings(os.environ)
    notifier = _channel(name, settings)
    if stands_in(name, notifier):
        console.print(f"[red]{name} is not set up:[/] its alerts go to {notifier.description}.")
        console.print(channel_remedy(name))
        sys.exit(1)
    episode = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%f")
    shown = settings.dashboard_url or settings.ui_url
    links = (("Dashboard", shown),) if shown else ()
    try:
        arrived = send_sample(notifier, sample_episode(pipeline, episode, links))
    except DeliveryError as error:
        console.print(f"[red]{escape(str(error))}[/]")
        sys.exit(1)
    for line in _lines(name, notifier, arrived):
        console.print(escape(line))


def _channel(name: str, settings: Settings) -> Notifier:
    try:
        parse_channel(name)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="CHANNEL") from None
    return channel(name, settings, time.time)


def _lines(name: str, notifier: Notifier, arrived: list[Arrived]) -> Iterable[str]:
    for each in arrived:
        called = f" as {each.reference}" if each.reference else ""
        yield f"{each.notice.kind.upper()} arrived at {notifier.description}{called}"
    # A bot that may not read its channel's history works, until the first crash.
    if name.startswith("slack") and any(each.reference and not each.found for each in arrived):
        yield (
            "It cannot be looked up, so a crash may double a message: add the scope "
            "channels:history (groups:history for a private channel) to the Slack app."
        )
