"""A webhook of your own: the notice as JSON, signed, with a key that tells a repetition."""

import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import asdict
from urllib.parse import urlsplit

from kpi_pipeline.model.notice import Notice
from kpi_pipeline.notify.post import post
from kpi_pipeline.notify.refusal import check

SIGNATURE = "X-Kpi-Signature"
_KEY_LIMIT = 255


class Webhook:
    """Posts notices to an address; whoever holds the secret can tell that we did, and when.

    Args:
        url: The address; its path may be a secret.
        clock: Seconds since 1970, for the signature.
        secret: What both sides know; None: the messages are not signed.
        target: The name of its address in the environment, '' for the only one.
        timeout: Seconds without a byte after which a request is given up.
    """

    def __init__(
        self,
        url: str,
        clock: Callable[[], float],
        secret: str | None = None,
        target: str = "",
        timeout: float = 5,
    ) -> None:
        self._url, self._secret = url, secret
        self._clock = clock
        self._target = target
        self._timeout = timeout

    def __repr__(self) -> str:
        return f"Webhook({self._target!r})"

    @property
    def channel(self) -> str:
        """The channel's name in a threshold's `notify` list."""
        return f"webhook:{self._target}" if self._target else "webhook"

    @property
    def pace(self) -> float:
        """None: it says itself when it is too much."""
        return 0.0

    @property
    def description(self) -> str:
        """The address's host; its path may be the secret."""
        return f"webhook at {urlsplit(self._url).hostname}"

    def deliver(self, notice: Notice, root: str = "") -> str:  # noqa: ARG002 - the body says it
        """Post the notice and return '': an answer's body means nothing to us.

        Raises:
            DeliveryError: It was not taken, or taken without saying so.
        """
        body = payload(notice)
        headers = {"Idempotency-Key": idempotency_key(notice.key), "User-Agent": "kpi_pipeline"}
        if self._secret:
            headers[SIGNATURE] = signature(self._secret, int(self._clock()), body)
        answer = post(self.description, self._url, body, headers, timeout=self._timeout)
        check(self.description, answer)
        return ""

    def find(self, notice: Notice, root: str = "") -> str | None:  # noqa: ARG002 - the port's signature
        """Return None: it cannot be asked; the idempotency key tells the peer of a repetition."""
        return None


def payload(notice: Notice) -> bytes:
    """The notice's fields as JSON; facts and links as lists of label and text."""
    return json.dumps(asdict(notice), ensure_ascii=False, separators=(",", ":")).encode(
        errors="replace"
    )


def signature(secret: str, at: int, body: bytes) -> str:
    """`t=<seconds>,v1=<HMAC-SHA256 of "<seconds>.<body>" in hex>`; an old `t` is a replay."""
    signed = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256)
    return f"t={at},v1={signed.hexdigest()}"


def idempotency_key(key: str) -> str:
    """The notice's key if a header can hold it, else its hash; the body has the key itself."""
    if len(key) <= _KEY_LIMIT and key.isascii() and key.isprintable():
        return key
    return hashlib.sha256(key.encode()).hexdigest()
