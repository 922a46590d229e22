"""Slack by bot token: one message an episode, and none doubled after a crash."""

from kpi_pipeline.model.errors import DeliveryError
from kpi_pipeline.model.notice import Notice, NoticeKind
from kpi_pipeline.notify.slack_api import SlackApi
from kpi_pipeline.notify.slack_failure import RootGoneError
from kpi_pipeline.notify.slack_message import SlackMessage, render, render_answer


class SlackBot:
    """Posts each episode as one message; what follows stands in its thread.

    An escalation is shown in the channel too. The end changes the episode's message, then
    answers in its thread: the answer is the last step and the change can be made twice, so a
    resolve that was cut off is just delivered again unless its answer is found.

    Args:
        token: The bot token (`xoxb-...`), with chat:write and channels:history.
        channel_id: The channel's ID, such as C0123456789; its history has no names.
        base_url: Another address of the API, None for Slack's own.
        timeout: Seconds without a byte after which a request is given up.
        channel: Its name in a threshold's `notify` list.
    """

    def __init__(
        self,
        token: str,
        channel_id: str,
        base_url: str | None = None,
        timeout: int = 5,
        channel: str = "slack",
    ) -> None:
        self._api = SlackApi(token, channel_id, base_url, timeout)
        self._channel = channel

    def __repr__(self) -> str:
        return f"SlackBot({self._api.channel_id!r})"

    @property
    def channel(self) -> str:
        """The channel's name in a threshold's `notify` list."""
        return self._channel

    @property
    def pace(self) -> float:
        """Slack takes one message a second and channel."""
        return 1.0

    @property
    def description(self) -> str:
        """The Slack channel that messages go to."""
        return self._api.where

    def deliver(self, notice: Notice, root: str = "") -> str:
        """Post the notice, as an answer to the root if there is one, and return its `ts`.

        Where people have deleted the root, or it can no longer be changed or answered, the
        notice is a message of its own.

        Raises:
            DeliveryError: Slack did not take it, or took it without saying so (then `find`).
        """
        answered = self._answer(notice, root) if root else None
        return answered or self._post(notice, render(notice))

    def find(self, notice: Notice, root: str = "") -> str | None:
        """Look for the notice's key in the root's thread, then in the channel.

        Returns:
            The message's `ts`; None if it is not there, or if the app may never read
            the history (then an ambiguous notice is sent again rather than lost).

        Raises:
            DeliveryError: Slack cannot tell at the moment; ask again before sending again.
        """
        try:
            return self._find(notice.key, root)
        except DeliveryError as error:
            if error.permanent:
                return None
            raise

    def _answer(self, notice: Notice, root: str) -> str | None:
        """The `ts` of the answer in the root's thread; None if the root takes none."""
        try:
            if notice.kind is NoticeKind.RESOLVE:
                self._api.edit(root, render(notice))
            escalates = notice.kind is NoticeKind.ESCALATE
            message = render(notice) if escalates else render_answer(notice)
            return self._post(notice, message, root, broadcast=escalates)
        except RootGoneError:
            return None

    def _post(
        self, notice: Notice, message: SlackMessage, root: str = "", *, broadcast: bool = False
    ) -> str:
        payload = {"key": notice.key, "episode": notice.episode_key}
        return self._api.post(message, payload, root=root, broadcast=broadcast)

    def _find(self, key: str, root: str) -> str | None:
        found = None
        if root:
            try:
                found = self._api.search_thread(key, root)
            except RootGoneError:
                found = None  # then it was posted, if at all, as a message of its own
        return found or self._api.search(key)
