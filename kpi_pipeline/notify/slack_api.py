"""One channel of Slack's Web API: calls that fail as delivery errors, and none made twice."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from slack_sdk.models.metadata import Metadata

from kpi_pipeline.notify.slack_client import StayingWebClient
from kpi_pipeline.notify.slack_failure import guarded, malformed
from kpi_pipeline.notify.slack_message import SlackMessage
from kpi_pipeline.notify.slack_quiet import quiet_logger

EVENT_TYPE = "kpi_pipeline_notice"
_PAGE_SIZE = 200
_MAX_PAGES = 5


class SlackApi:
    """Posts into, edits and searches one channel.

    Args:
        token: The bot token (`xoxb-...`), with chat:write and channels:history.
        channel_id: The channel's ID, such as C0123456789; its history has no names.
        base_url: Another address of the API, None for Slack's own.
        timeout: Seconds without a byte after which a request is given up.
    """

    def __init__(self, token: str, channel_id: str, base_url: str | None, timeout: int) -> None:
        self.channel_id = channel_id
        # slack_sdk's own retry posts twice when Slack accepts and then resets the connection.
        self._client = StayingWebClient(
            token=token,
            base_url=base_url or StayingWebClient.BASE_URL,
            timeout=timeout,
            retry_handlers=[],
            logger=quiet_logger(),
        )

    @property
    def where(self) -> str:
        """The channel, for people."""
        return f"Slack channel {self.channel_id}"

    def post(
        self, message: SlackMessage, payload: Mapping[str, str], *, root: str, broadcast: bool
    ) -> str:
        """Post a message, into the root's thread if there is a root, and return its `ts`.

        Raises:
            DeliveryError: Slack did not take it, or took it without saying so (then `search`).
        """
        thread = {"thread_ts": root, "reply_broadcast": broadcast} if root else {}
        reply = guarded(
            self.where,
            lambda: (
                self._client.chat_postMessage(
                    channel=self.channel_id,
                    text=message.text,
                    blocks=message.blocks,
                    metadata=Metadata(EVENT_TYPE, dict(payload)),
                    unfurl_links=False,
                    unfurl_media=False,
                    **thread,  # type: ignore[arg-type]  # a str and a bool, by these names
                ).data
            ),
        )
        ts = reply.get("ts") if isinstance(reply, dict) else None
        if not (isinstance(ts, str) and ts):
            raise malformed(self.where)
        return ts

    def edit(self, ts: str, message: SlackMessage) -> None:
        """Change a message; doing it again changes nothing. Its metadata stays.

        Raises:
            DeliveryError: Slack did not take it, or took it without saying so.
        """
        guarded(
            self.where,
            lambda: self._client.chat_update(
                channel=self.channel_id, ts=ts, text=message.text, blocks=message.blocks
            ),
        )

    def search(self, key: str) -> str | None:
        """The `ts` of the message with this key among the channel's newest 1,000.

        Raises:
            DeliveryError: Slack cannot tell, now or ever.
        """
        return self._search(key, "conversations.history")

    def search_thread(self, key: str, root: str) -> str | None:
        """The same among the root's first 1,000 answers."""
        return self._search(key, "conversations.replies", ts=root)

    def _search(self, key: str, method: str, **where: str) -> str | None:
        cursor: dict[str, str] = {}
        for _ in range(_MAX_PAGES):
            found, following = guarded(self.where, partial(self._page, method, where | cursor))
            if key in found:
                return found[key]
            if not following:
                return None
            cursor = {"cursor": following}
        return None

    def _page(self, method: str, where: Mapping[str, str]) -> tuple[dict[str, str], str]:
        """Return one page of our own messages as key -> ts, and the cursor of the next."""
        asked = {"channel": self.channel_id, "limit": _PAGE_SIZE, "include_all_metadata": True}
        reply: Any = self._client.api_call(method, params={**asked, **where})
        ours = [
            (message["metadata"]["event_payload"], message["ts"])
            for message in reply["messages"]
            if message.get("metadata", {}).get("event_type") == EVENT_TYPE
        ]
        following = (reply.get("response_metadata") or {}).get("next_cursor") or ""
        return {payload["key"]: ts for payload, ts in ours if "key" in payload}, following
