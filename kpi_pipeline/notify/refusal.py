"""What an HTTP status means for a message: taken, to be tried again, or given up."""

from collections.abc import Mapping
from typing import Final

from kpi_pipeline.model.errors import DeliveryError
from kpi_pipeline.notify.network import retry_after
from kpi_pipeline.notify.post import Answer

_TAKEN: Final = range(200, 300)
_MOVED: Final = frozenset({301, 308})
# These pass by themselves: a timeout, the same message just being handled, an early request, too
# many requests, and redirects and faults that may be a proxy's.
_PASSING: Final = frozenset(
    {408, 409, 425, 429, *(code for code in range(300, 400) if code not in _MOVED)}
)
_SERVER: Final = range(500, 600)
_ADVICE: Final[Mapping[int, str]] = {
    301: "It has moved: set its new address",
    308: "It has moved: set its new address",
    401: "It wants another secret, or a login in its address",
    403: "It does not let us in: check the secret and its list of allowed addresses",
    404: "Nothing answers at its address: check it",
    405: "It takes no POST: check its address",
    407: "The proxy wants a login: check HTTPS_PROXY",
    410: "It was removed: set another address",
    413: "It takes no message of this size",
}


def check(where: str, answer: Answer, advice: Mapping[int, str | None] | None = None) -> None:
    """Return if the message was taken.

    Args:
        where: The peer, for people.
        answer: What it said.
        advice: What a status means for this peer, before what it means for everybody: what to do
            about it, or None where it passes by itself.

    Raises:
        DeliveryError: It was not; says whether to try again, and when. Never repeats the body:
            it may echo a key.
    """
    status = answer.status
    if status in _TAKEN:
        return
    what = f"{where} did not take the alert: HTTP {status}."
    todo = (advice or {}).get(status, _todo(status))
    if todo is not None:
        raise DeliveryError(f"{what} It is not tried again. {todo}.", permanent=True)
    wait = retry_after(answer.headers)
    when = "" if wait is None else f" after {wait:g} s, as it asked"
    raise DeliveryError(f"{what} It is tried again{when}.", retry_after=wait)


def _todo(status: int) -> str | None:
    if status in _PASSING or status in _SERVER:
        return None
    return _ADVICE.get(status, "It refuses the message's form: check that the address is right")
