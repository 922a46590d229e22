"""Who may ask, and who may act: pure decisions about a request's headers."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from ipaddress import ip_address
from urllib.parse import urlsplit

from kpi_pipeline.dashboard.problems import Refused

COOKIE = "kpi_dashboard"
FREE = frozenset({"/healthz", "/login", "/logout", "/login/login.css"})
"""What everybody may ask for."""
PASSED_ON = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip")
SAME_SITE = frozenset({"same-origin", "none"})
OTHER_SITES = frozenset({"same-site", "cross-site"})
VISIT = ("navigate", "document")


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """The rules of one dashboard.

    Attributes:
        token: What lets people act, and read from elsewhere.
        loopback: Whether it listens on this machine alone.
        hosts: Names that it may be asked by, beside those of loopback. Empty: those of loopback
            alone if it listens there, else any, since the token is wanted anyway.
    """

    token: str = field(repr=False)
    loopback: bool = True
    hosts: frozenset[str] = frozenset()

    def check_host(self, headers: Mapping[str, str]) -> None:
        """A page elsewhere may have its own name lead to this machine (DNS rebinding).

        Raises:
            Refused: The name is none of ours.
        """
        name = host_name(headers.get("host", ""))
        anything = not self.loopback and not self.hosts
        if not (anything or is_loopback(name) or name in self.hosts):
            raise Refused(
                HTTPStatus.MISDIRECTED_REQUEST,
                f"{name or 'no name'!r} is not what this dashboard is called; name it in "
                "KPI_DASHBOARD_HOSTS",
            )

    def may_read(self, path: str, headers: Mapping[str, str]) -> bool:
        """Whether the request may see what is there."""
        near = self.loopback and is_loopback(host_name(headers.get("host", "")))
        # A proxy on this machine passes on what comes from elsewhere.
        near = near and not any(name in headers for name in PASSED_ON)
        return near or path in FREE or self.knows_token(headers)

    def knows_token(self, headers: Mapping[str, str]) -> bool:
        """Whether the request has the token, or the cookie that stands for it."""
        given = token_offered(headers)
        return _same(_cookie(headers), self.session) if given is None else self.is_token(given)

    def is_token(self, text: str) -> bool:
        """Whether it is the token; takes as long either way."""
        return _same(text, self.token)

    @property
    def session(self) -> str:
        """The cookie's value: it follows from the token, which does not follow from it."""
        return hmac.new(self.token.encode(), b"kpi-dashboard session", sha256).hexdigest()


def token_offered(headers: Mapping[str, str]) -> str | None:
    """The token that a request brings; None for what a proxy wants to know, such as Basic.

    >>> token_offered({"authorization": "bearer abc "}), token_offered({"authorization": "Basic x"})
    ('abc', None)
    """
    kind, _, given = headers.get("authorization", "").partition(" ")
    return given.strip() if kind.lower() == "bearer" else None


def check_same_site(headers: Mapping[str, str]) -> None:
    """A browser says where a request comes from, more or less; other clients say nothing.

    Raises:
        Refused: From a page of another site.
    """
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    own = headers.get("host", "").lower()
    known = site in SAME_SITE if site else origin is None or _place(origin) == own
    if not known:
        raise Refused(HTTPStatus.FORBIDDEN, "a page of another site may not do this")


def check_not_embedded(headers: Mapping[str, str]) -> None:
    """A link may lead here from anywhere; but what a page of another site loads only costs.

    It can read nothing of the answer, and have the source read for every visitor that it has.

    Raises:
        Refused: By a page of another site, for anything but to be gone to.
    """
    gone_to = (headers.get("sec-fetch-mode"), headers.get("sec-fetch-dest")) == VISIT
    if headers.get("sec-fetch-site") in OTHER_SITES and not gone_to:
        raise Refused(HTTPStatus.FORBIDDEN, "a page of another site may not do this")


def host_name(host: str) -> str:
    """The name in a Host header, without its port.

    >>> host_name("LOCALHOST:8787"), host_name("[::1]:8787")
    ('localhost', '::1')
    """
    if host.startswith("["):
        return host[1:].partition("]")[0].lower()
    return host.partition(":")[0].rstrip(".").lower()


def is_loopback(name: str) -> bool:
    """Whether a name can only mean this machine.

    >>> is_loopback("127.0.0.1"), is_loopback("localhost"), is_loopback("127.0.0.1.example.com")
    (True, True, False)
    """
    if name == "localhost":
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


def _place(origin: str) -> str | None:
    """The name and port of an origin; None of what is none, as `null` and `http://[` are."""
    try:
        return urlsplit(origin).netloc.lower() or None
    except ValueError:
        return None


def _cookie(headers: Mapping[str, str]) -> str:
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return ""
    return found.value if found else ""


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())
