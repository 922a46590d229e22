"""What a database said, in words that anybody may read: no address, no name, and no path."""

import re

OURS = re.compile(
    r"(?s)\b(?:the )?(state|source) database: (metrics\.\w+: )?(.*?)"
    r"(\. Its history cannot be filled until .*|, told only now|, reminder \d+)?$"
)
"""After these words an error has what a database or its driver said, up to words of ours."""
KINDS = (
    ("timeout", "it does not answer in time"),
    ("timed out", "it does not answer in time"),
    ("refused", "connection refused"),
    ("no such file", "nobody listens there"),
    ("not a file", "its file is not there"),
    ("resolve", "its host has no address"),
    ("name or service not known", "its host has no address"),
    ("unreachable", "no way leads to its host"),
    ("no route", "no way leads to its host"),
    ("authentication", "it refuses the login"),
    ("access denied", "it refuses the login"),
    ("pg_hba", "it refuses the login"),
    ("too many (clients|connections)", "it has no connection left"),
    ("connection slots", "it has no connection left"),
    ("starting up", "it is starting up"),
    ("shutting down", "it is shutting down"),
    ("terminat", "the connection was cut"),
    ("closed", "the connection was cut"),
    ("lost connection", "the connection was cut"),
    ("gone away", "the connection was cut"),
)
"""Signs of an outage."""
FAULTS = (
    ("division by zero", "division by zero"),
    ("value is not shown", "a value of a row does not fit"),
    ("(permission|command) denied", "permission denied"),
    ("read-?only", "it is read-only"),
    (r"\b(dead)?lock(ed)?\b", "somebody else has it locked"),
    ("space left", "its disk is full"),
    (r"column .* does not exist|(no such|unknown) column", "a column is missing"),
    (r"relation .* does not exist|no such table|table .* doesn't exist", "a table is missing"),
    ("(function|operator|type|schema) .*does not exist", "it lacks what it was asked for"),
    ("(database|role|user) .*does not exist|unknown database", "it, or its role, does not exist"),
)
"""Signs that it is there, and cannot do what it was asked; they go first, because these sentences
name what is ours: a column `closed_at` that is missing is no connection that was cut."""
NAMES = re.compile(r"""(["'`])[^\s"'`]*\1""")
ENOUGH = 1_000
"""Characters of what was said that are looked at: signs stand in the first sentence."""
UNKNOWN = "the log says more"


def away(error: Exception) -> str:
    """An error of ours without the words of a database, which the log alone has."""
    return plainly(str(error))


def plainly(text: str) -> str:
    """A text whose end may be what a database said, with the kind of fault in its place.

    >>> plainly('state database: connection to server on socket "/srv/a" failed: refused')
    'the state database is away: connection refused'
    >>> plainly("failing: source database: metrics.largest: division by zero (SQLSTATE 22012)")
    'failing: the source database cannot compute metrics.largest: division by zero'
    """
    return OURS.sub(_kind, text)


def _kind(found: re.Match[str]) -> str:
    which, metric, said = found[1], found[2], NAMES.sub("", found[3][:ENOUGH].lower())
    fault = _sign(FAULTS, said)
    outage = None if fault else _sign(KINDS, said)
    kind = fault or outage or UNKNOWN
    if metric:
        return f"the {which} database cannot compute {metric}{kind}{found[4] or ''}"
    able = "is away" if outage else "cannot do it"
    return f"the {which} database {able}: {kind}{found[4] or ''}"


def _sign(signs: tuple[tuple[str, str], ...], said: str) -> str | None:
    return next((kind for sign, kind in signs if re.search(sign, said)), None)
