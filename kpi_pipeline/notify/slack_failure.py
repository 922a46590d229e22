"""Slack's ways to fail, as delivery errors: permanent or not, and never with a secret."""

import re
from collections.abc import Callable, Mapping
from typing import TypeVar
from urllib.error import URLError

from slack_sdk.errors import SlackApiError

from kpi_pipeline.model.errors import DeliveryError
from kpi_pipeline.notify.network import retry_after, said
from kpi_pipeline.notify.slack_advice import ROOT_GONE, advice

_Reply = TypeVar("_Reply")
_OK = 200
# Slack's codes look like this; a token, a URL or an HTML page does not.
_CODE = re.compile(r"[a-z][a-z_]{0,63}")


class RootGoneError(DeliveryError):
    """The message to change or to answer is gone, or takes no more; a new one may be posted."""


def guarded(where: str, call: Callable[[], _Reply]) -> _Reply:
    """Return the call's result, or raise what went wrong without the exception behind it.

    slack_sdk lets its own, urllib's, http.client's and json's exceptions through, and several
    of them hold the URL (a webhook's URL is its secret) or the request with its token. So the
    error is raised after the `except` block has ended: `from None` would only hide
    `__context__` from the printed traceback, error trackers would still walk into it.

    Raises:
        DeliveryError: The call failed; says whether to try again, and when.
    """
    try:
        return call()
    except Exception as error:  # noqa: BLE001 - whichever it is, it may hold a secret
        failure = _from_exception(where, error)
    raise failure


def refused(where: str, *, status: int, code: str, headers: Mapping[str, str]) -> DeliveryError:
    """Classify a reply that is not a yes, by its HTTP status and Slack's error code."""
    word = code if _CODE.fullmatch(code) else "no error code that Slack uses"
    what = f"{where} did not take the alert: HTTP {status}, {word}."
    todo = advice(code, status)
    if todo is not None:
        kind = RootGoneError if code in ROOT_GONE else DeliveryError
        return kind(f"{what} It is not tried again. {todo}.", permanent=True)
    wait = retry_after(headers)
    when = "" if wait is None else f" after {wait:g} s, as Slack asked"
    return DeliveryError(f"{what} It is tried again{when}.", retry_after=wait)


def malformed(where: str) -> DeliveryError:
    """Classify a reply that is not Slack's: a proxy's page, or a truncated answer."""
    return DeliveryError(
        f"{where} gave a reply that is not Slack's. It is tried again; if it stays so, look "
        "for a proxy between here and Slack, and check SLACK_API_URL or SLACK_WEBHOOK_URL."
    )


def _from_exception(where: str, error: Exception) -> DeliveryError:
    if isinstance(error, SlackApiError):
        return _from_reply(where, error)
    cause = error.reason if isinstance(error, URLError) else error
    if isinstance(cause, OSError):
        return DeliveryError(
            f"{where} cannot be reached ({said(cause)}). It is tried again; "
            "if it stays so, check the network, the proxy and SLACK_API_URL or SLACK_WEBHOOK_URL."
        )
    return malformed(where)


def _from_reply(where: str, error: SlackApiError) -> DeliveryError:
    status, data = error.response.status_code, error.response.data
    code = data.get("error") if isinstance(data, dict) else None
    if status == _OK and not (isinstance(code, str) and _CODE.fullmatch(code)):
        return malformed(where)
    headers = {str(name): str(value) for name, value in error.response.headers.items()}
    return refused(where, status=status, code=str(code or ""), headers=headers)
