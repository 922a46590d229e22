"""The standard library's HTTP client, made to follow no redirect and to take logins of addresses.

Unlike httpx and urllib3 it logs no address, and here an address may be a secret. It heeds
HTTPS_PROXY and the system's certificates.
"""

from base64 import b64encode
from http.client import HTTPMessage
from typing import IO
from urllib.parse import unquote, urlsplit
from urllib.request import (
    HTTPRedirectHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
    build_opener,
)


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


def staying(proxy: str | None = None) -> OpenerDirector:
    """A client for which a redirect is an `HTTPError` like any other refusal.

    Args:
        proxy: For all that it asks; None for what the environment says.
    """
    return build_opener(_Stay, *([ProxyHandler({"http": proxy, "https": proxy})] if proxy else ()))


def without_login(url: str) -> tuple[str, dict[str, str]]:
    """The address without a login, and the header that says it; urllib takes it for a host.

    >>> without_login("https://me:pass@example.com/x")
    ('https://example.com/x', {'Authorization': 'Basic bWU6cGFzcw=='})
    """
    parts = urlsplit(url)
    login, at, host = parts.netloc.rpartition("@")
    user, _, password = login.partition(":")
    basic = b64encode(f"{unquote(user)}:{unquote(password)}".encode()).decode()
    header = {"Authorization": f"Basic {basic}"} if at else {}
    return parts._replace(netloc=host).geturl(), header
