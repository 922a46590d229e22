"""Slack by incoming webhook: no reference, so nothing can be found again; at least once."""

from urllib.parse import urlsplit

from kpi_pipeline.model.notice import Notice
from kpi_pipeline.notify.slack_client import StayingWebhookClient
from kpi_pipeline.notify.slack_failure import guarded, malformed, refused
from kpi_pipeline.notify.slack_message import render
from kpi_pipeline.notify.slack_quiet import quiet_logger

_OK = 200
_YES = "ok"


class SlackWebhook:
    """Posts notices to an incoming webhook, whose URL is a secret.

    Args:
        url: The webhook's URL.
        timeout: Seconds without a byte after which a request is given up.
    """

    def __init__(self, url: str, timeout: int = 5) -> None:
        self._host = urlsplit(url).hostname
        self._client = StayingWebhookClient(
            url, timeout=timeout, retry_handlers=[], logger=quiet_logger()
        )

    def __repr__(self) -> str:
        return f"SlackWebhook(host={self._host!r})"

    @property
    def channel(self) -> str:
        """The channel's name in a threshold's `notify` list."""
        return "slack"

    @property
    def pace(self) -> float:
        """Slack takes one message a second and webhook."""
        return 1.0

    @property
    def description(self) -> str:
        """The webhook's host; its path is the secret."""
        return f"Slack webhook at {self._host}"

    def deliver(self, notice: Notice, root: str = "") -> str:  # noqa: ARG002
        """Post the notice and return '': a webhook gives no reference.

        Raises:
            DeliveryError: Slack did not take it, or took it without saying so.
        """
        message = render(notice)
        reply = guarded(
            self.description,
            lambda: self._client.send(
                text=message.text,
                blocks=message.blocks,
                unfurl_links=False,
                unfurl_media=False,
            ),
        )
        # The client returns refusals like any reply: without this check they would look sent.
        code = reply.body.strip()
        if reply.status_code != _OK:
            headers = {str(name): str(value) for name, value in reply.headers.items()}
            raise refused(self.description, status=reply.status_code, code=code, headers=headers)
        if code != _YES:
            raise malformed(self.description)
        return ""

    def find(self, notice: Notice, root: str = "") -> str | None:  # noqa: ARG002 - the port's signature
        """Return None: a webhook cannot read, so an ambiguous notice is sent again."""
        return None
