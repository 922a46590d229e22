"""A sample episode: what a person sends to learn whether a channel works."""

from dataclasses import dataclass, replace

from kpi_pipeline.model.notice import Level, Notice, NoticeKind
from kpi_pipeline.ports.delivery import Notifier


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """One message that the channel took.

    Attributes:
        notice: What was sent.
        reference: The channel's name for it, '' if it gives none.
        found: Whether the channel shows it when asked, as after a crash.
    """

    notice: Notice
    reference: str
    found: bool


def sample_episode(
    pipeline: str, episode: str, links: tuple[tuple[str, str], ...] = ()
) -> tuple[Notice, Notice]:
    """A made-up episode's first and last word.

    Args:
        pipeline: The name that it carries.
        episode: What no other sample is called.
        links: Label and address, as messages have them.
    """
    key = f"{pipeline}/notify_test/{episode}"
    fire = Notice(
        key=f"{key}/fire/warn",
        episode_key=key,
        pipeline=pipeline,
        rule="notify_test",
        kind=NoticeKind.FIRE,
        level=Level.WARN,
        text="TEST avg_order_value 37.20 < 40.00 for 3m; nothing is wrong",
        headline=f"{pipeline}: a test of this channel",
        facts=(("Value", "37.20 USD"), ("Bound", "40.00 USD"), ("Window", "last_60m")),
        links=links,
        trend="▇▆▆▅▃▂▁",
    )
    resolve = replace(
        fire,
        key=f"{key}/resolve/warn",
        kind=NoticeKind.RESOLVE,
        text="TEST OK avg_order_value 41.30 after 4m; nothing was wrong",
        facts=(("Value", "41.30 USD"), *fire.facts[1:], ("Worst", "36.10 USD")),
    )
    return fire, resolve


def send_sample(notifier: Notifier, notices: tuple[Notice, ...]) -> list[Arrived]:
    """Deliver notices as one episode and look for each.

    Raises:
        DeliveryError: The channel did not take one, or cannot be asked.
    """
    root, arrived = "", []
    for notice in notices:
        reference = notifier.deliver(notice, root)
        found = notifier.find(notice, root) is not None
        arrived.append(Arrived(notice=notice, reference=reference, found=found))
        root = root or reference
    return arrived
