"""The way to the door and back: what the page was asked for is not lost by a sign-in."""

from http import HTTPStatus

from starlette.responses import RedirectResponse
from starlette.types import Scope

PAGE, DOOR = "/", "/login"


def led(path: str, scope: Scope, **headers: str) -> RedirectResponse:
    """Lead a request to a path of ours with the query that it came with.

    The path is never the request's, so no link to the door leads anywhere but to this page.
    """
    query = scope["query_string"].decode("latin-1")
    address = f"{path}?{query}" if query else path
    return RedirectResponse(address, HTTPStatus.SEE_OTHER, headers=headers)
