"""Names of channels, `kind[:target]`: whom a rule tells."""

import re
from dataclasses import dataclass

from kpi_pipeline.model.declaration.nearest import did_you_mean

OWN_NAME = r"[a-z][a-z0-9_]{0,62}"
"""Names a secret in the environment; the secret itself stands in no declaration."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of channel.

    Attributes:
        meaning: What it is, for people.
        target: The form of its target, as a regular expression; '' where it takes none.
        example: A name of this kind with a target.
        hears_of_acknowledgement: Whether it is told when a person takes an episode over.
    """

    meaning: str
    target: str = ""
    example: str = ""
    hears_of_acknowledgement: bool = False


KINDS = {
    "slack": Kind(
        meaning="Slack; with a channel's ID another channel than the usual one",
        target=r"[CDG][A-Z0-9]{2,30}",
        example="slack:C0123456789",
        hears_of_acknowledgement=True,
    ),
    "log": Kind(meaning="the log of the run"),
    "pagerduty": Kind(
        meaning="PagerDuty; with a name another service",
        target=OWN_NAME,
        example="pagerduty:payments",
        hears_of_acknowledgement=True,
    ),
    "email": Kind(
        meaning="one recipient, the usual one unless named",
        target=r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63}){0,7}",
        example="email:ops@example.com",
    ),
    "webhook": Kind(
        meaning="a signed POST; with a name another address",
        target=OWN_NAME,
        example="webhook:payments",
    ),
    "apprise": Kind(
        meaning="whatever apprise knows; with a name other addresses",
        target=OWN_NAME,
        example="apprise:payments",
    ),
}


def hears_of_acknowledgement(name: str) -> bool:
    """Whether a channel, by its name, is told when a person takes an episode over.

    >>> hears_of_acknowledgement("pagerduty:payments"), hears_of_acknowledgement("email")
    (True, False)
    """
    kind = KINDS.get(name.partition(":")[0])
    return kind is not None and kind.hears_of_acknowledgement


def parse_channel(name: str) -> tuple[str, str]:
    """Take a channel's name apart: its kind, and its target ('' without one).

    Raises:
        ValueError: Of no known kind, or with a target that the kind does not take.

    >>> parse_channel("slack"), parse_channel("email:ops@example.com")
    (('slack', ''), ('email', 'ops@example.com'))
    """
    kind, colon, target = name.partition(":")
    known = KINDS.get(kind)
    if known is None:
        raise ValueError(f"unknown channel {name!r}{did_you_mean(kind, KINDS)}")
    if not colon:
        return kind, ""
    if not known.target:
        raise ValueError(f"{name!r}: {kind} takes no target; write {kind}")
    if not re.fullmatch(known.target, target):
        raise ValueError(f"{name!r} is not a channel of {kind}; write it like {known.example}")
    return kind, target
