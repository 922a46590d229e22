"""Judgements that are the same for every database that is looked at."""

from datetime import datetime, timedelta
from ipaddress import ip_address

from kpi_pipeline.compute.numbers import format_age
from kpi_pipeline.model.finding import Finding, fine, problem, warning

OLDEST, NEWEST = 13, 18
"""Major versions of PostgreSQL that this release is tested with."""
SMALL_SKEW = timedelta(seconds=2)
GREAT_SKEW = timedelta(seconds=60)
FAR_SKEW = timedelta(minutes=5)
"""More than a slow look can take, so that a run need not ask both clocks at once to see it."""


def server_version(place: str, number: int) -> Finding:
    """Whether this release knows the server.

    Args:
        place: `source` or `state`.
        number: As `server_version_num` writes it, such as 160003.
    """
    subject, major = f"{place} version", number // 10_000
    if major < OLDEST:
        remedy = f"Upgrade the server to PostgreSQL {OLDEST} or later."
        return problem(subject, f"PostgreSQL {major} is older than {OLDEST}", remedy)
    if major > NEWEST:
        remedy = "Look for a newer kpi-pipeline."
        return warning(subject, f"PostgreSQL {major} is not tested with this release", remedy)
    return fine(subject, f"PostgreSQL {major}")


def encryption(place: str, setting: str, server: str | None, *, encrypted: bool) -> Finding:
    """Whether rows and passwords cross a network in the clear.

    Args:
        place: `source` or `state`.
        setting: The setting that holds the URL.
        server: The server's address; None over a Unix socket.
        encrypted: Whether the connection uses TLS.
    """
    subject = f"{place} encryption"
    if encrypted:
        return fine(subject, "TLS")
    if server is None or ip_address(server).is_loopback:
        return fine(subject, "none needed: the server is on this machine")
    what = f"rows and passwords travel in the clear to {server}"
    return warning(subject, what, f"Add sslmode=require to {setting}: ...?sslmode=require")


def clock_skew(one: str, other: str, skew: timedelta) -> Finding:
    """Whether two clocks agree; windows and alerts follow the source's."""
    subject, size = f"clocks: {one}, {other}", abs(skew)
    if size <= SMALL_SKEW:
        return fine(subject, f"they agree to {SMALL_SKEW.total_seconds():g} s")
    what = f"{one} is {format_age(size)} {'ahead of' if skew > timedelta(0) else 'behind'} {other}"
    grave = size > GREAT_SKEW
    remedy = "Set both clocks by NTP: `timedatectl set-ntp true`, or chrony."
    return (problem if grave else warning)(subject, what, remedy)


def clock_warnings(as_of: datetime, looked_at: datetime | None) -> tuple[str, ...]:
    """A sentence if the source's clock is far from the state's; windows and rules follow it.

    Args:
        as_of: The source's clock at a look.
        looked_at: The state's as that look began; None if it is not known.
    """
    skew = as_of - (looked_at or as_of)
    if abs(skew) <= FAR_SKEW:
        return ()
    side = "ahead of" if skew > timedelta(0) else "behind"
    what = f"the source's clock is {format_age(abs(skew))} {side} the state database's"
    return (f"{what}; windows and rules follow it, mutes do not. Set both by NTP.",)
