"""What all channels ask of their settings, and the error that says what is missing."""

import re
from urllib.parse import urlsplit

from kpi_pipeline.model.errors import KpiError

_VISIBLE = re.compile(r"[!-~]+")


class ChannelSettingsError(KpiError):
    """A channel's settings cannot work; all problems together, none with a secret."""


def refuse(problems: list[str]) -> None:
    """Raise if there are problems.

    Raises:
        ChannelSettingsError: There are.
    """
    if problems:
        raise ChannelSettingsError(" ".join(problems))


def key_problems(name: str, key: str) -> list[str]:
    """Check a token or key without repeating it."""
    if _VISIBLE.fullmatch(key):
        return []
    return [f"{name} holds a space or a character that no key has: copy it again."]


def address_problems(name: str, url: str) -> list[str]:
    """Check an address without repeating it: a webhook's is a secret."""
    try:
        parts = urlsplit(url)
        usable = bool(parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0)
    except ValueError:
        usable = False
    if usable and _VISIBLE.fullmatch(url):
        return []
    return [f"{name} is not an address: it must begin with http:// or https:// and a host."]


def variable(name: str, target: str) -> str:
    """The name of a target's setting: `WEBHOOK_URL` for `data-team` is `WEBHOOK_URL_DATA_TEAM`."""
    return f"{name}_{suffix(target)}" if target else name


def suffix(target: str) -> str:
    """How a target is spelled in the environment: capital letters, `_` for all that is none."""
    return re.sub(r"[^A-Z0-9]", "_", target.upper())
