"""Text in Slack's markup: escaped, clipped, linked."""

import re
import sys

from kpi_pipeline.model.notice import ELLIPSIS
from kpi_pipeline.notify.words import is_address

_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


def escape(text: str, limit: int = sys.maxsize) -> str:
    """Escape `&<>` and clip; Slack counts escaped characters, and half an entity is noise."""
    escaped = text.translate(_ENTITIES)
    if len(escaped) <= limit:
        return escaped
    return re.sub(r"&[a-z]*$", "", escaped[: limit - 1]) + ELLIPSIS


def code(text: str, limit: int) -> str:
    """A code span of one line; '' of nothing."""
    inner = " ".join(text.replace("`", "'").split())
    return f"`{escape(inner, limit - 2)}`" if inner else ""


def link(address: str, label: str = "", *, limit: int) -> str:
    """A link if the whole text is an http(s) address that fits, else ''.

    Args:
        address: Where it leads.
        label: Escaped text to show; the address itself if ''.
        limit: In characters of markup.
    """
    # A bar would end the address, or the label.
    shown = f"|{label.replace('|', '/')}" if label else ""
    markup = f"<{address.translate(_ENTITIES)}{shown}>"
    return markup if is_address(address) and "|" not in address and len(markup) <= limit else ""
