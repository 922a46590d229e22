"""The door: a form that takes the token, and the cookie that stands for it."""

from http import HTTPStatus
from pathlib import Path
from urllib.parse import parse_qs

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, HTMLResponse, Response
from starlette.requests import ClientDisconnect

from kpi_pipeline.dashboard.access import COOKIE
from kpi_pipeline.dashboard.house import Here
from kpi_pipeline.dashboard.way import DOOR, PAGE, led

FORM = Path(__file__).parent / "form"
DAYS = 30
# Without a referrer a browser calls the form's origin null, as it would one of another site.
HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "same-origin"}
WRONG = '<p role="alert">That is not the token.</p>'
router = APIRouter(include_in_schema=False)


@router.get("/login")
async def form() -> Response:
    """The form."""
    return _page("")


@router.get("/login/login.css")
async def style() -> Response:
    """How it looks."""
    return FileResponse(FORM / "login.css", media_type="text/css")


@router.post("/login")
async def login(house: Here, request: Request) -> Response:
    """A cookie for the token."""
    try:
        body = await request.body()
    except ClientDisconnect:
        return _page("")  # nobody is there to see it
    given = parse_qs(body.decode(errors="replace")).get("token", [""])[0]
    if not house.access.is_token(given.strip()):
        await house.lane.wait()
        return _page(WRONG, HTTPStatus.UNAUTHORIZED)
    answer = led(PAGE, request.scope, **HEADERS)
    answer.set_cookie(
        COOKIE,
        house.access.session,
        max_age=DAYS * 86_400,
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return answer


@router.post("/logout")
async def logout(request: Request) -> Response:
    """Forget the cookie."""
    answer = led(DOOR, request.scope, **HEADERS)
    answer.delete_cookie(COOKIE, httponly=True, samesite="strict")
    return answer


def _page(said: str, status: HTTPStatus = HTTPStatus.OK) -> Response:
    text = (FORM / "login.html").read_text(encoding="utf-8").replace("<!-- said -->", said)
    return HTMLResponse(text, status, headers=HEADERS)
