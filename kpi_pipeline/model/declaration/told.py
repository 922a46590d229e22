"""Who is told of a rule, and how: channels, owners, reminders, runbook."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from kpi_pipeline.model.channel import parse_channel
from kpi_pipeline.model.declaration.metrics import NAME
from kpi_pipeline.model.declaration.nearest import did_you_mean
from kpi_pipeline.model.declaration.section import Section
from kpi_pipeline.model.moment import MINUTE

KEYS = ("notify", "repeat", "owner", "runbook")
LONGEST_ADDRESS = 1000
PRINTABLE = re.compile(r"[!-~]+")


@dataclass(frozen=True, slots=True)
class Route:
    """Channels that are told at every level, and those that are told of critical besides."""

    notify: tuple[str, ...] = ()
    critical: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Who is told of one rule, and how."""

    route: Route
    repeat: timedelta | None
    owner: str | None
    runbook: str | None


def parse_owners(section: Section) -> Mapping[str, Route]:
    """Read every owner's route.

    Raises:
        SpecError: A name that is none, or an unknown channel.
    """
    found = {}
    for name, own in section.sections():
        own.only("notify")
        if not NAME.fullmatch(name):
            raise own.error("a name is lower case letters, digits and _")
        found[name] = parse_route(own)
    return found


def parse_told(section: Section, owners: Mapping[str, Route]) -> Told:
    """Read who is told; a rule that does not say takes its owner's route.

    Raises:
        SpecError: An unknown channel or owner, a reminder that never rests or that nobody
            gets, no address.
    """
    owner = section.text("owner") if section.has("owner") else None
    if owner is not None and owners and owner not in owners:
        raise section.error(f"unknown owner {owner!r}{did_you_mean(owner, owners)}", "owner")
    given = section.has("notify")
    route = parse_route(section) if given else owners.get(owner or "", Route())
    return Told(
        route=route,
        repeat=parse_repeat(section, route),
        owner=owner,
        runbook=section.parsed("runbook", _address) if section.has("runbook") else None,
    )


def parse_repeat(section: Section, route: Route) -> timedelta | None:
    """Read how often somebody is reminded; None if nobody is.

    Raises:
        SpecError: A reminder that never rests or that nobody gets.
    """
    if not section.has("repeat"):
        return None
    repeat = section.duration("repeat", timedelta(0))
    if repeat < MINUTE:
        raise section.error("must be a minute or longer; leave it out for no reminders", "repeat")
    if not (route.notify or route.critical):
        raise section.error("reminds nobody; say whom with `notify`", "repeat")
    return repeat


def check_reach(section: Section, told: Told, *, critical: bool) -> None:
    """Refuse channels that are told of critical alone where nothing is ever critical.

    Those of an owner serve many rules, so they may be idle for one.

    Raises:
        SpecError: Naming such a channel is a mistake that would be noticed too late.
    """
    if critical or not section.has("notify") or not told.route.critical:
        return
    names = ", ".join(told.route.critical)
    raise section.error(f"{names} would never be told: nothing here is critical", "notify")


def parse_route(section: Section) -> Route:
    """Read `notify`: channels, or channels by level.

    Raises:
        SpecError: An unknown channel or level.
    """
    if not isinstance(section.raw.get("notify"), Mapping):
        return Route(_channels(section, "notify"))
    own = section.section("notify")
    own.only("warn", "critical")
    return Route(_channels(own, "warn"), _channels(own, "critical"))


def _channels(section: Section, key: str) -> tuple[str, ...]:
    names = section.names(key)
    for name in names:
        try:
            parse_channel(name)
        except ValueError as error:
            raise section.error(str(error), key) from None
    return tuple(dict.fromkeys(names))


def _address(text: str) -> str:
    """Links are shown to everybody, so they hold no password."""
    try:
        parts = urlsplit(text)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or not PRINTABLE.fullmatch(text) or len(text) > LONGEST_ADDRESS:
        raise ValueError("is not an address; write it like https://wiki.example.com/low-orders")
    if parts.username is not None or parts.password is not None:
        raise ValueError("holds a user or a password, which everybody who is told would see")
    return text
