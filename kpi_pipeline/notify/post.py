"""One POST of JSON over HTTP: no retry, no redirect, no log, and no secret in what goes wrong."""

from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from urllib.error import HTTPError
from urllib.request import Request

from kpi_pipeline.model.errors import DeliveryError
from kpi_pipeline.notify.network import said
from kpi_pipeline.notify.web import staying, without_login


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back: the status, and the headers by their names in lower case."""

    status: int
    headers: Mapping[str, str]


_opener = staying()


def post(
    where: str, url: str, body: bytes, headers: Mapping[str, str], *, timeout: float
) -> Answer:
    """Send one request and return its answer, whatever the status.

    Args:
        where: The peer, for people; stands in the error for its address.
        url: An http(s) address.
        body: JSON.
        headers: Besides the content's type.
        timeout: Seconds without a byte after which it is given up.

    Raises:
        DeliveryError: No answer came; the peer may or may not have taken it.
    """
    try:
        address, login = without_login(url)
        every = {"Content-Type": "application/json", **headers, **login}
        request = Request(  # noqa: S310 - only http(s) passes the settings
            address, data=body, headers=every, method="POST"
        )
        with _opener.open(request, timeout=timeout) as reply:
            return _answer(reply.status, reply.headers)
    except HTTPError as refusal:
        with refusal:
            return _answer(refusal.code, refusal.headers)
    except Exception as error:  # noqa: BLE001 - whichever it is, it may hold the address
        failure = DeliveryError(
            f"{where} cannot be reached ({said(error)}). It is tried again; if it stays so, check "
            "the network, the proxy and the address."
        )
    # Raised outside of `except`: nobody who walks along `__context__` shall find the address.
    raise failure


def _answer(status: int, headers: Message) -> Answer:
    return Answer(status=status, headers={name.lower(): str(v) for name, v in headers.items()})
