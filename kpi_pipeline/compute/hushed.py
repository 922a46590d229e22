"""Text without secrets: what other programs said, before it is written down or sent."""

import re

# A key beside its value: in a query, in JSON, in a connection string.
_KEYS = r"(?:password|passwd|pwd|passphrase|token|secret|(?:api|routing|access|private)[_-]?key)"
_VALUE = r"""(?!(?:null|none|true|false)\b)(?:"[^"]*"|'[^']*'|[^\s&;,"'}]+)"""
# In an address of any other scheme each part may be a secret: most of apprise's are like that.
_SCHEMES = (
    r"(?:https?|wss?|ftps?|s3|gs|file|smtps?|ldaps?|tcp|sqlite|redis|postgres|postgresql|mysql|"
    r"mariadb)(?:\+\w+)?"
)
_SECRETS = (
    (re.compile(r"(\w://[^\s:/@?#]*:)\S{1,500}@"), r"\1***@"),
    (re.compile(r"(?i)\b(https?://)[^\s:/@?#]+@"), r"\1***@"),
    (re.compile(rf"(?i)\b(?!{_SCHEMES}://)([a-z][a-z0-9+]*://)[^\s\"'<>]+"), r"\1***"),
    (re.compile(rf"""(?i)({_KEYS}["']?\s*[=:]\s*){_VALUE}"""), r"\1***"),
    (re.compile(r"(?i)([?&](?:key|sig|signature|auth)=)[^\s&\"']+"), r"\1***"),
    (re.compile(r"(?i)\b(authorization[\"']?\s*[=:]\s*[\"']?(?:\w+\s+)?)[^\s,\"']+"), r"\1***"),
    # A word that follows has no digit, as in "Basic authentication is refused".
    (re.compile(r"(?i)\b((?:bearer|basic)\s+)(?=[^\s\"']*\d)[\w.~+/=-]{6,}"), r"\1***"),
    (re.compile(r"\bx(?:ox[a-z]|app)[.-][\w.-]+"), "***"),
    (re.compile(r"(hooks\.slack(?:-gov)?\.com/\w+/)[^\s\"'<>)]+"), r"\1***"),
    (re.compile(r"(/services/)T\w+/B\w+/\w+"), r"\1***"),
)


def hushed(text: str) -> str:
    """The text with every password, token and secret address that it shows blotted out.

    >>> hushed("cannot reach postgresql://kpi:pass@db/kpi")
    'cannot reach postgresql://kpi:***@db/kpi'
    """
    for pattern, blot in _SECRETS:
        text = pattern.sub(blot, text)
    return text
