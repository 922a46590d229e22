"""One snapshot into Redis, in one script: where it lies, and what is said of it."""

from dataclasses import dataclass
from importlib.resources import files
from typing import Protocol

from kpi_pipeline.dashboard.message import Message

MOST_EVENTS = 1000
"""About how many events a stream keeps: most of a day, of a pipeline that folds by the minute."""
SCRIPT = (files("kpi_pipeline.dashboard") / "redis_write.lua").read_text()


class Script(Protocol):
    """The script, as Redis' client gives it."""

    async def __call__(self, keys: list[str], args: list[str | bytes | int]) -> int | bytes:
        """What the script returns."""
        ...


@dataclass(frozen=True, slots=True)
class Place:
    """Where a pipeline lies. The braces keep its keys on one node of a cluster."""

    pipeline: str

    @property
    def snapshot(self) -> str:
        """The key of the envelope."""
        return f"{self.channel}:snapshot"

    @property
    def events(self) -> str:
        """The key of the stream."""
        return f"{self.channel}:events"

    @property
    def channel(self) -> str:
        """The channel that every new snapshot is published on."""
        return f"kpi:{{{self.pipeline}}}"


async def write(script: Script, message: Message, *, first: bool = False) -> str | None:
    """Write a snapshot unless Redis has it, or a newer one; return the id of the newer one.

    Any number may write at once, and again: what is there only ever grows.

    Args:
        script: The script.
        message: The snapshot.
        first: It takes the place of another body of the same id, which another declaration gave.
            Whoever does so at each write would fight with a server that has not read it yet.
    """
    place = Place(message.pipeline)
    revision, _, minute = (message.id or "").partition(".")
    told = b'{"event":"snapshot","id":"%s","data":%s}' % ((message.id or "").encode(), message.data)
    found = await script(
        [place.snapshot, place.events],
        [revision, minute, message.data, told, place.channel, MOST_EVENTS, int(first)],
    )
    return found.decode() if isinstance(found, bytes) else None
