"""PagerDuty by its Events API v2: one incident an episode, opened and closed by the same key."""

import hashlib
import json
from typing import Any, Final

from kpi_pipeline.model.errors import DeliveryError
from kpi_pipeline.model.notice import Level, Notice, NoticeKind, clip
from kpi_pipeline.notify.post import post
from kpi_pipeline.notify.refusal import check
from kpi_pipeline.notify.words import is_address

ADDRESS: Final = "https://events.pagerduty.com"
SUMMARY_LIMIT: Final = 1024
KEY_LIMIT: Final = 255
_PATH: Final = "/v2/enqueue"
_LABEL_LIMIT: Final = 255
_VALUE_LIMIT: Final = 2000
_MOST: Final = 20
_ACCEPTED: Final = 202
_ACTIONS: Final = {NoticeKind.ACKNOWLEDGE: "acknowledge", NoticeKind.RESOLVE: "resolve"}
_ADVICE: Final = {
    400: "Check the routing key: it is the integration key of an Events API v2 integration",
    403: None,  # so it says that a key sends too much
}


class PagerDuty:
    """Sends an episode's notices as events with one dedup key.

    Whatever is sent twice changes nothing: a reminder, a retry, an attempt that was cut off. A
    resolve or an acknowledgement without an open incident is taken and opens none.

    Args:
        routing_key: The integration key of a service; a secret.
        target: The name of its key in the environment, '' for the only one.
        address: Of the API, such as the EU's.
        timeout: Seconds without a byte after which a request is given up.
    """

    def __init__(
        self, routing_key: str, target: str = "", address: str = ADDRESS, timeout: float = 5
    ) -> None:
        self._routing_key = routing_key
        self._target = target
        self._url = address.rstrip("/").removesuffix(_PATH) + _PATH
        self._timeout = timeout

    def __repr__(self) -> str:
        return f"PagerDuty({self._target!r})"

    @property
    def channel(self) -> str:
        """The channel's name in a threshold's `notify` list."""
        return f"pagerduty:{self._target}" if self._target else "pagerduty"

    @property
    def pace(self) -> float:
        """PagerDuty takes some hundred events a minute and key."""
        return 0.5

    @property
    def description(self) -> str:
        """Which of the keys it sends to."""
        return f"PagerDuty ({self._target})" if self._target else "PagerDuty"

    def deliver(self, notice: Notice, root: str = "") -> str:  # noqa: ARG002 - the key says it
        """Send the notice's event and return the incident's dedup key.

        Raises:
            DeliveryError: PagerDuty did not take it, or took it without saying so.
        """
        key = dedup_key(notice.episode_key)
        body = json.dumps(event(notice, self._routing_key)).encode()
        answer = post(self.description, self._url, body, {}, timeout=self._timeout)
        check(self.description, answer, _ADVICE)
        if answer.status != _ACCEPTED:
            raise DeliveryError(
                f"{self.description} gave a reply that is not PagerDuty's. It is tried again; if "
                "it stays so, look for a proxy in between, and check PAGERDUTY_API_URL."
            )
        return key

    def find(self, notice: Notice, root: str = "") -> str | None:  # noqa: ARG002 - the port's signature
        """Return None: it cannot be asked, and need not be, for sending again changes nothing."""
        return None


def dedup_key(episode_key: str) -> str:
    """An episode's key within PagerDuty's 255 characters; too long ones end in their hash.

    >>> dedup_key("shop/aov_low/3")
    'shop/aov_low/3'
    """
    if len(episode_key) <= KEY_LIMIT:
        return episode_key
    digest = hashlib.sha256(episode_key.encode()).hexdigest()
    return f"{episode_key[: KEY_LIMIT - len(digest) - 1]}#{digest}"


def event(notice: Notice, routing_key: str) -> dict[str, Any]:
    """The notice as an event within PagerDuty's limits; far below 512 KB."""
    body: dict[str, Any] = {
        "routing_key": routing_key,
        "dedup_key": dedup_key(notice.episode_key),
        "event_action": _ACTIONS.get(notice.kind, "trigger"),
        "client": "kpi_pipeline",
        "payload": {
            "summary": clip(notice.text or notice.headline or notice.rule, SUMMARY_LIMIT),
            "source": clip(notice.pipeline, _LABEL_LIMIT),
            "severity": "critical" if notice.level is Level.CRITICAL else "warning",
            "component": clip(notice.rule, _LABEL_LIMIT),
            "custom_details": _details(notice),
        },
    }
    links = [
        {"href": address, "text": clip(label, _LABEL_LIMIT)}
        for label, address in notice.links[:_MOST]
        if is_address(address) and len(address) <= _VALUE_LIMIT
    ]
    return body | ({"links": links} if links else {})


def _details(notice: Notice) -> dict[str, str]:
    more = (("Trend", notice.trend), ("Owner", notice.owner))
    pairs = (*notice.facts[:_MOST], *((label, value) for label, value in more if value))
    return {clip(label, _LABEL_LIMIT): clip(value, _VALUE_LIMIT) for label, value in pairs}
