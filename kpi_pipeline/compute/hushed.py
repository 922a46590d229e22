"""Text without secrets: what other programs said, before it is written down or sent."""

import re

_SECRETS = (
    (re.compile(r"(\w://[^\s:/@]*:)[^\s@]+@"), r"\1***@"),
    (
        re.compile(r"(?i)\b(password|passwd|pwd|token|secret|api_?key)(\s*[=:]\s*)[^\s&;,]+"),
        r"\1\2***",
    ),
    (re.compile(r"\bxox[a-z]-[\w-]+"), "***"),
    (re.compile(r"(hooks\.slack\.com/services/)\S+"), r"\1***"),
)


def hushed(text: str) -> str:
    """The text with every password, token and secret address that it shows blotted out.

    >>> hushed("cannot reach postgresql://kpi:pass@db/kpi")
    'cannot reach postgresql://kpi:***@db/kpi'
    """
    for pattern, blot in _SECRETS:
        text = pattern.sub(blot, text)
    return text
