"""Errors as problems (RFC 9457): what is wrong, for whoever asked, and nothing of the inside."""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException
from typing_extensions import TypedDict

from kpi_pipeline.compute.explanation import GroupValuesError, UnknownNameError
from kpi_pipeline.dashboard.away import away
from kpi_pipeline.dashboard.hub import TooManyListenersError
from kpi_pipeline.dashboard.plain import encoded
from kpi_pipeline.dashboard.seldom import Seldom
from kpi_pipeline.model.errors import (
    CursorError,
    KpiError,
    RangeError,
    SourceError,
    StateError,
)

MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = "5"
STATUSES: Mapping[type[KpiError], HTTPStatus] = {
    GroupValuesError: HTTPStatus.UNPROCESSABLE_ENTITY,  # before the wider one
    UnknownNameError: HTTPStatus.NOT_FOUND,
    RangeError: HTTPStatus.UNPROCESSABLE_ENTITY,
    CursorError: HTTPStatus.UNPROCESSABLE_ENTITY,
    StateError: HTTPStatus.SERVICE_UNAVAILABLE,
    SourceError: HTTPStatus.SERVICE_UNAVAILABLE,
    TooManyListenersError: HTTPStatus.SERVICE_UNAVAILABLE,
}
log = logging.getLogger(__name__)


class ProblemShape(TypedDict):
    """A problem."""

    type: str
    title: str
    status: int
    detail: str


class Refused(KpiError):  # noqa: N818 - it is no fault of ours
    """A request that is answered with a problem.

    Attributes:
        status: Of the answer.
        headers: More headers of it.
    """

    def __init__(
        self, status: HTTPStatus, message: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.headers = dict(headers or {})


def problem(status: int, detail: str, headers: Mapping[str, str] | None = None) -> Response:
    """A problem as an answer."""
    code = HTTPStatus(status)
    body: ProblemShape = {
        "type": "about:blank",
        "title": code.phrase,
        "status": code.value,
        "detail": detail,
    }
    more = dict(headers or {})
    if code is HTTPStatus.SERVICE_UNAVAILABLE:
        more.setdefault("Retry-After", RETRY_SECONDS)
    return Response(
        encoded(body), code.value, {"Cache-Control": "no-store"} | more, media_type=MEDIA_TYPE
    )


def of_error(error: KpiError) -> Response:
    """The problem that an error of ours is."""
    if isinstance(error, Refused):
        return problem(error.status, str(error), error.headers)
    found = (status for kind, status in STATUSES.items() if isinstance(error, kind))
    status = next(found, HTTPStatus.INTERNAL_SERVER_ERROR)
    return problem(status, away(error))


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What OpenAPI says of a route's problems."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {code: {"description": HTTPStatus(code).phrase, "content": content} for code in statuses}


def answer_problems(app: FastAPI) -> None:
    """Have every error of an app answered with a problem."""
    seldom = Seldom()

    async def ours(_: Request, error: Exception) -> Response:
        if away(error) != str(error) and seldom.is_due():
            log.warning("a request failed: %s", error)  # who asked is told the kind alone
        return of_error(error) if isinstance(error, KpiError) else _internal()

    async def refused(_: Request, error: Exception) -> Response:
        if not isinstance(error, HTTPException):
            return _internal()
        return problem(error.status_code, str(error.detail), error.headers)

    async def invalid(_: Request, error: Exception) -> Response:
        if not isinstance(error, RequestValidationError):
            return _internal()
        return problem(HTTPStatus.UNPROCESSABLE_ENTITY, "; ".join(map(_said, error.errors())))

    async def unexpected(request: Request, error: Exception) -> Response:
        log.error("%s %s failed", request.method, request.url.path, exc_info=error)
        return _internal()

    app.add_exception_handler(KpiError, ours)
    app.add_exception_handler(HTTPException, refused)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(Exception, unexpected)


def _internal() -> Response:
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, "an unexpected error; the log says more")


def _said(error: Mapping[str, Any]) -> str:
    if error["type"] == "json_invalid":
        return f"the body is not JSON, from character {error['loc'][-1]} on"
    where = ".".join(str(part) for part in error["loc"][1:]) or str(error["loc"][0])
    if error["type"] == "extra_forbidden":
        return f"{where}: nothing of that name is asked for here"
    return f"{where}: {error['msg']}"
