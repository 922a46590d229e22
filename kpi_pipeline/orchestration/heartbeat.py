"""The heartbeat: a monitor elsewhere is asked for an address, and misses it when we are dead."""

import logging
from http.client import HTTPException
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request

from kpi_pipeline.model.errors import DeliveryError
from kpi_pipeline.notify.web import staying, without_login
from kpi_pipeline.pipeline.limited import limited

SECONDS = 2.0
_REDIRECTS = range(300, 400)
_log = logging.getLogger(__name__)


def beat(url: str | None) -> None:
    """GET the address, if there is one; a failure is logged and nothing else.

    Two seconds without a byte end it, and four in all: a tick must not wait for a monitor.

    The path is the secret of most monitors, so only the host is ever named, and a redirect is not
    followed. A login in the address, `https://user:password@host`, goes along as a header.
    """
    if url is None:
        return
    try:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            _log.warning(
                "KPI_HEARTBEAT_URL is not an address that begins with http(s):// and a host"
            )
            return
        limited(lambda: _ask(url), 2 * SECONDS)
    except (OSError, ValueError, HTTPException, DeliveryError) as error:
        _log.warning("the heartbeat to %s failed: %s", _host(url), _said(error))


def _ask(url: str) -> None:
    address, login = without_login(url)
    request = Request(address, headers=login)  # noqa: S310 - http(s) alone
    with staying().open(request, timeout=SECONDS) as reply:
        reply.read(1)


def _said(error: Exception) -> str:
    """Never the error's own words, which may hold the address."""
    if not isinstance(error, HTTPError):
        return type(error).__name__
    with error:
        leads = error.code in _REDIRECTS
    advice = ", a redirect: set KPI_HEARTBEAT_URL to where it leads" if leads else ""
    return f"HTTP {error.code}{advice}"


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or "nowhere"
    except ValueError:
        return "what is no address"
