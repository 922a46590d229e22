"""An outage of the state database in words that anybody may read: no address, and no name."""

OF_DATABASE = "state database"
"""With this begins what the database or its driver said, which names hosts, paths and roles."""
KINDS = (
    ("timeout", "it does not answer in time"),
    ("timed out", "it does not answer in time"),
    ("refused", "connection refused"),
    ("no such file", "nobody listens there"),
    ("resolve", "its host has no address"),
    ("authentication", "it refuses the login"),
    ("does not exist", "it, or its role, does not exist"),
    ("starting up", "it is starting up"),
    ("shutting down", "it is shutting down"),
    ("terminat", "the connection was cut"),
    ("closed", "the connection was cut"),
    ("permission denied", "permission denied"),
)


def away(error: Exception) -> str:
    """What kind of outage it is; the log says the rest. What is none of the database's stays.

    >>> away(Exception('state database: connection to server on socket "/srv/a" failed: refused'))
    'the state database is away: connection refused'
    """
    if not str(error).startswith(OF_DATABASE):
        return str(error)
    text = str(error).lower()
    kind = next((said for sign, said in KINDS if sign in text), "the log says more")
    return f"the state database is away: {kind}"
