"""One POST of JSON over HTTP: no retry, no redirect, no log, and no secret in what goes wrong."""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPMessage
from typing import IO
from urllib.error import HTTPError
from urllib.parse import unquote, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from kpi_pipeline.model.errors import DeliveryError
from kpi_pipeline.notify.network import said


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back: the status, and the headers by their names in lower case."""

    status: int
    headers: Mapping[str, str]


class _Stay(HTTPRedirectHandler):
    """A redirect could lead a signed message, or a key, to another host."""

    def redirect_request(
        self,
        req: Request,  # noqa: ARG002
        fp: IO[bytes],  # noqa: ARG002
        code: int,  # noqa: ARG002
        msg: str,  # noqa: ARG002
        headers: HTTPMessage,  # noqa: ARG002
        newurl: str,  # noqa: ARG002
    ) -> None:
        return None


# The standard library's client: unlike httpx and urllib3 it logs no address, and here an address
# may be a secret. It heeds HTTPS_PROXY and the system's certificates.
_opener = build_opener(_Stay)


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
        address, login = _login(url)
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


def _login(url: str) -> tuple[str, dict[str, str]]:
    """The address without a login, and the header that says it; urllib takes it for a host."""
    parts = urlsplit(url)
    login, at, host = parts.netloc.rpartition("@")
    basic = b64encode(unquote(login).encode()).decode()
    header = {"Authorization": f"Basic {basic}"} if at else {}
    return parts._replace(netloc=host).geturl(), header


def _answer(status: int, headers: Message) -> Answer:
    return Answer(status=status, headers={name.lower(): str(v) for name, v in headers.items()})
