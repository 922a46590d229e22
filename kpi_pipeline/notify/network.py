"""What the network says, in words that hold no secret."""

import math
from collections.abc import Mapping
from urllib.error import URLError


def said(error: Exception) -> str:
    """Name an error by its type and the system's words, never by its own message."""
    reason = error.reason if isinstance(error, URLError) else error
    cause = reason if isinstance(reason, Exception) else error
    words = cause.strerror if isinstance(cause, OSError) else None
    return f"{type(cause).__name__}: {words}" if words else type(cause).__name__


def retry_after(headers: Mapping[str, str]) -> float | None:
    """The seconds that a peer asks us to wait; None if it asks nothing, or gives a date."""
    given = {name.lower(): value for name, value in headers.items()}.get("retry-after", "")
    try:
        seconds = float(given)
    except ValueError:
        return None
    return seconds if math.isfinite(seconds) and seconds >= 0 else None
