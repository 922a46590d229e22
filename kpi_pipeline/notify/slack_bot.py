"""Slack by bot token: messages that can be found again, so none is doubled after a crash."""

from functools import partial

from slack_sdk import WebClient
from slack_sdk.models.metadata import Metadata

from kpi_pipeline.model.errors import DeliveryError
from kpi_pipeline.model.notice import Notice
from kpi_pipeline.notify.slack_failure import guarded, malformed
from kpi_pipeline.notify.slack_message import render
from kpi_pipeline.notify.slack_quiet import quiet_logger

EVENT_TYPE = "kpi_pipeline_notice"
_PAGE_SIZE = 200
_MAX_PAGES = 5


class SlackBot:
    """Posts notices with `chat.postMessage` into one channel.

    Args:
        token: The bot token (`xoxb-...`), with chat:write and channels:history.
        channel_id: The channel's ID, such as C0123456789; its history has no names.
        base_url: Another address of the API, None for Slack's own.
        timeout: Seconds without a byte after which a request is given up.
    """

    def __init__(
        self, token: str, channel_id: str, base_url: str | None = None, timeout: int = 5
    ) -> None:
        self._channel_id = channel_id
        # slack_sdk's own retry posts twice when Slack accepts and then resets the connection.
        self._client = WebClient(
            token=token,
            base_url=base_url or WebClient.BASE_URL,
            timeout=timeout,
            retry_handlers=[],
            logger=quiet_logger(),
        )

    def __repr__(self) -> str:
        return f"SlackBot({self._channel_id!r})"

    @property
    def channel(self) -> str:
        """The channel's name in a threshold's `notify` list."""
        return "slack"

    @property
    def pace(self) -> float:
        """Slack takes one message a second and channel."""
        return 1.0

    @property
    def description(self) -> str:
        """The Slack channel that messages go to."""
        return f"Slack channel {self._channel_id}"

    def deliver(self, notice: Notice, root: str = "") -> str:  # noqa: ARG002
        """Post the notice as one message and return its `ts`.

        Raises:
            DeliveryError: Slack did not take it, or took it without saying so (then `find`).
        """
        message = render(notice)
        metadata = Metadata(EVENT_TYPE, {"key": notice.key, "episode": notice.episode_key})
        reply = guarded(
            self.description,
            lambda: (
                self._client.chat_postMessage(
                    channel=self._channel_id,
                    text=message.text,
                    blocks=message.blocks,
                    metadata=metadata,
                    unfurl_links=False,
                    unfurl_media=False,
                ).data
            ),
        )
        ts = reply.get("ts") if isinstance(reply, dict) else None
        if not (isinstance(ts, str) and ts):
            raise malformed(self.description)
        return ts

    def find(self, notice: Notice, root: str = "") -> str | None:  # noqa: ARG002
        """Look for the notice's key in the channel's newest 1,000 messages.

        Returns:
            The message's `ts`; None if it is not among them, or if the app may never read
            the history (then an ambiguous notice is sent again rather than lost).

        Raises:
            DeliveryError: Slack cannot tell at the moment; ask again before sending again.
        """
        try:
            return self._search(notice.key)
        except DeliveryError as error:
            if error.permanent:
                return None
            raise

    def _search(self, key: str) -> str | None:
        cursor = ""
        for _ in range(_MAX_PAGES):
            found, cursor = guarded(self.description, partial(self._page, cursor))
            if key in found:
                return found[key]
            if not cursor:
                return None
        return None

    def _page(self, cursor: str) -> tuple[dict[str, str], str]:
        """Return one page of our own messages as key -> ts, and the cursor of the next."""
        reply = self._client.conversations_history(
            channel=self._channel_id,
            cursor=cursor or None,
            limit=_PAGE_SIZE,
            include_all_metadata=True,
        )
        ours = [
            (message["metadata"]["event_payload"], message["ts"])
            for message in reply["messages"]
            if message.get("metadata", {}).get("event_type") == EVENT_TYPE
        ]
        following = (reply.get("response_metadata") or {}).get("next_cursor") or ""
        return {payload["key"]: ts for payload, ts in ours if "key" in payload}, following
