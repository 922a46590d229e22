"""HEAD is GET without the body: what monitors ask, and `curl -I` for an ETag."""

from starlette.types import ASGIApp, Receive, Scope, Send

ENDLESS = "/stream"


class Heads:
    """An ASGI middleware; the server itself leaves the body out, as it knows what was asked."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a HEAD on as the GET that it stands for, but for what would never end."""
        if scope["type"] == "http" and scope["method"] == "HEAD" and scope["path"] != ENDLESS:
            scope = {**scope, "method": "GET"}
        await self.app(scope, receive, send)
