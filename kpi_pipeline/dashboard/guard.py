"""Stands before everything: host, token, site and size are checked, safe headers added."""

from http import HTTPStatus

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kpi_pipeline.dashboard.access import Access, check_not_embedded, check_same_site, token_offered
from kpi_pipeline.dashboard.lane import Lane
from kpi_pipeline.dashboard.problems import Refused, of_error
from kpi_pipeline.dashboard.way import DOOR, PAGE, led

CONTENT = "; ".join(
    (
        "default-src 'none'",
        *("script-src 'self'", "style-src 'self'", "connect-src 'self'", "img-src 'self' data:"),
        *("font-src 'self'", "manifest-src 'self'", "form-action 'self'", "base-uri 'none'"),
        "frame-ancestors 'none'",
    )
)
SAFE = {
    "Content-Security-Policy": CONTENT,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
MOST_BYTES = 64 * 1024
READS = frozenset({"GET", "HEAD"})
MAY_ACT = "may_act"
"""Where a request's scope says whether it has the token."""


class Guard:
    """An ASGI middleware."""

    def __init__(self, app: ASGIApp, access: Access, lane: Lane) -> None:
        self.app = app
        self.access = access
        self.lane = lane

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what may pass."""
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
            return
        try:
            await self._check(scope)
        except Refused as error:
            await self._refuse(error, scope, receive, send)
            return
        await self.app(scope, receive, send if scope["type"] == "websocket" else _safe(send))

    async def _check(self, scope: Scope) -> None:
        headers = Headers(scope=scope)
        self.access.check_host(headers)
        scope[MAY_ACT] = self.access.knows_token(headers)
        if token_offered(headers) is not None and not scope[MAY_ACT]:
            await self.lane.wait()
        if not self.access.may_read(scope["path"], headers):
            raise Refused(
                HTTPStatus.UNAUTHORIZED,
                "this dashboard wants its token: Authorization: Bearer ..., or /login",
                {"WWW-Authenticate": "Bearer"},
            )
        if scope["type"] == "websocket" or scope["method"] not in READS:
            check_same_site(headers)
        check_not_embedded(headers)
        if scope["type"] == "http" and scope["method"] not in READS:
            _check_size(headers)

    async def _refuse(self, error: Refused, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008, "reason": str(error)[:120]})
            return
        await self._answer(error, scope)(scope, receive, _safe(send))

    def _answer(self, error: Refused, scope: Scope) -> Response:
        """A person who opens the page is led to the form."""
        page = scope["method"] in READS and scope["path"] == PAGE
        if error.status is HTTPStatus.UNAUTHORIZED and page:
            return led(DOOR, scope)
        return of_error(error)


def _check_size(headers: Headers) -> None:
    length = headers.get("content-length")
    if length is None:
        raise Refused(HTTPStatus.LENGTH_REQUIRED, "say how long the body is (Content-Length)")
    if not length.isdigit() or int(length) > MOST_BYTES:
        limit = f"a body may have {MOST_BYTES:,} bytes"
        raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, limit)


def _safe(send: Send) -> Send:
    async def wrapped(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in SAFE.items():
                headers.setdefault(name, value)
        await send(message)

    return wrapped
