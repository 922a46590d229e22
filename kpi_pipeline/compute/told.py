"""Who knows of an episode: not whom a rule names, but where its messages arrived."""

from collections.abc import Collection, Mapping
from typing import NamedTuple

from kpi_pipeline.model.outbox import WAITING, OutboxState

Messages = Mapping[str, Collection[OutboxState]]
"""How the messages of one episode stand, by channel."""


class Told(NamedTuple):
    """Channels that were told, those whose newest message waits, and those that none reached."""

    told: list[str]
    waiting: list[str]
    failed: list[str]


def told_of(named: Collection[str], messages: Messages, logged: Collection[str]) -> Told:
    """What became of what channels should say.

    Args:
        named: The channels that were to be told.
        messages: What is known of their messages; old ones are not kept, and those were sent.
        logged: Channels without settings: the log stood in.

    >>> told_of(["slack"], {}, ["slack"]).told
    ['log (slack has no settings)']
    """
    found = Told([], [], [])
    for name in dict.fromkeys((*named, *messages)):
        states = messages.get(name, (OutboxState.SENT,))
        if WAITING.intersection(states):
            found.waiting.append(name)
        elif OutboxState.SENT in states:
            found.told.append(f"log ({name} has no settings)" if name in logged else name)
        elif OutboxState.DEAD in states:
            found.failed.append(name)
    return found
