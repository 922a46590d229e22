"""Every channel beside its peer, so that one suite can hold them all to the same promises."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from kpi_pipeline.notify.apprise import Apprise
from kpi_pipeline.notify.email import Email
from kpi_pipeline.notify.email_server import MailServer
from kpi_pipeline.notify.log import LogNotifier
from kpi_pipeline.notify.pagerduty import PagerDuty
from kpi_pipeline.notify.slack_bot import SlackBot
from kpi_pipeline.notify.slack_webhook import SlackWebhook
from kpi_pipeline.notify.webhook import Webhook
from kpi_pipeline.ports.delivery import Notifier
from kpi_pipeline_tests.notify.http_peer import Fault, HttpPeer, Reply, Request
from kpi_pipeline_tests.notify.mail_peer import PASSWORD, USER, MailPeer
from kpi_pipeline_tests.notify.pagerduty_peer import PagerDutyPeer
from kpi_pipeline_tests.notify.slack_peer import CHANNEL, SlackPeer
from kpi_pipeline_tests.notify.webhook_peer import PATH, WebhookPeer

HUSH = "Hush7"
"""Stands in every secret of every channel, and nowhere else."""


class AnyPeer(HttpPeer):
    """Takes whatever apprise sends."""

    def reply(self, request: Request) -> Reply:  # noqa: ARG002
        return Reply(body="ok")


@dataclass(frozen=True, kw_only=True)
class Rig:
    """One channel and what its tests ask of its peer.

    Attributes:
        told: How many messages a person would have got.
        fail: Lets the next attempt fail; None where nothing can.
    """

    notifier: Notifier
    name: str
    told: Callable[[], int]
    fail: Callable[[Fault], None] | None = None


def _http(notifier: Notifier, peer: HttpPeer, told: Callable[[], int], name: str) -> Rig:
    return Rig(notifier=notifier, name=name, told=told, fail=peer.fail)


@contextmanager
def rig(kind: str) -> Iterator[Rig]:
    """The channel of a kind, with its peer running."""
    with ExitStack() as peers:
        yield _RIGS[kind](peers)


def _log(_: ExitStack) -> Rig:
    return Rig(notifier=LogNotifier("log"), name="log", told=lambda: 0)


def _slack_bot(peers: ExitStack) -> Rig:
    peer = peers.enter_context(SlackPeer(token=f"xoxb-1-{HUSH}"))
    bot = SlackBot(peer.token, CHANNEL, base_url=peer.api_url, timeout=1)
    return _http(bot, peer, lambda: len(peer.messages), "slack")


def _slack_webhook(peers: ExitStack) -> Rig:
    peer = peers.enter_context(SlackPeer())
    # The peer's own path, beside a query that it does not read: a secret all the same.
    webhook = SlackWebhook(f"{peer.webhook_url}?{HUSH}", timeout=1)
    return _http(webhook, peer, lambda: len(peer.messages), "slack")


def _pagerduty(peers: ExitStack) -> Rig:
    peer = peers.enter_context(PagerDutyPeer(key=HUSH * 8))
    pagerduty = PagerDuty(peer.key, "payments", peer.url, timeout=1)
    return _http(pagerduty, peer, lambda: len(peer.incidents), "pagerduty:payments")


def _email(peers: ExitStack) -> Rig:
    peer = peers.enter_context(MailPeer())
    server = MailServer(host="127.0.0.1", port=peer.port, user=None, password=PASSWORD)
    email = Email(
        server=server,
        sender="kpi@example.com",
        recipient="ops@example.com",
        clock=lambda: 1_800_000_000.0,
        channel="email:ops@example.com",
    )

    def fail(fault: Fault) -> None:
        peer.drop = fault.reset == "after"
        peer.data_reply = "" if peer.drop else f"451 4.3.0 {USER} {PASSWORD}"

    return Rig(
        notifier=email, name="email:ops@example.com", told=lambda: len(peer.mails), fail=fail
    )


def _webhook(peers: ExitStack) -> Rig:
    peer = peers.enter_context(WebhookPeer(secret=f"s3cret-{HUSH}"))
    assert HUSH in PATH
    webhook = Webhook(peer.address, lambda: 1_800_000_000.0, peer.secret, "payments", timeout=1)
    return _http(webhook, peer, lambda: len(peer.taken), "webhook:payments")


def _apprise(peers: ExitStack) -> Rig:
    peer = peers.enter_context(AnyPeer())
    address = peer.url.replace("http://", f"json://{HUSH}:{HUSH}@") + f"/{HUSH}?rto=1"
    notifier = Apprise([address], "payments")
    return _http(notifier, peer, lambda: len(peer.requests), "apprise:payments")


_RIGS: dict[str, Callable[[ExitStack], Rig]] = {
    "log": _log,
    "slack bot": _slack_bot,
    "slack webhook": _slack_webhook,
    "pagerduty": _pagerduty,
    "email": _email,
    "webhook": _webhook,
    "apprise": _apprise,
}
KINDS = tuple(_RIGS)
REMOTE = tuple(kind for kind in KINDS if kind != "log")
