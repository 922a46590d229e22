"""A call that ends in time, whatever the network does."""

from collections.abc import Callable
from threading import Thread
from typing import TypeVar

from kpi_pipeline.model.errors import DeliveryError

_Result = TypeVar("_Result")


def limited(call: Callable[[], _Result], seconds: float) -> _Result:
    """Return what a call returns, or leave it to itself after so many seconds.

    A timeout of a socket is about one byte: a peer that dribbles them, or a name server that says
    nothing, holds a call for hours.

    Raises:
        DeliveryError: It did not end in time; it may yet.
        Exception: What the call raises.
    """
    results: list[_Result] = []
    failures: list[Exception] = []

    def run() -> None:
        try:
            results.append(call())
        except Exception as error:  # noqa: BLE001 - raised again, where the caller waits
            failures.append(error)

    thread = Thread(target=run, name="kpi_pipeline attempt", daemon=True)
    thread.start()
    thread.join(seconds)
    if failures:
        raise failures.pop()
    if not results:
        raise DeliveryError(
            f"it did not answer within {seconds:g} s; it may or may not have taken the alert. It "
            "is tried again."
        )
    return results[0]
