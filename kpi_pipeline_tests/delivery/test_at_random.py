"""Random troubles: whatever happens, each problem is told once, in order, or once and late."""

from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

import pytest

from kpi_pipeline.model.notice import NoticeKind
from kpi_pipeline.pipeline.attempt import attempt
from kpi_pipeline_tests.delivery.mailroom import (
    ESCALATE,
    FIRE,
    REMIND,
    RESOLVE,
    Mailroom,
    notice,
)
from kpi_pipeline_tests.notify.slack_peer import Fault

FAULTS = (
    Fault(reset="before"),
    Fault(reset="after"),
    Fault(status=503),
    Fault(status=429, retry_after="70"),
    Fault(body="garbage"),
)
LEASE = timedelta(minutes=1)


@dataclass
class Story:
    """What has been decided of each episode, and a die."""

    room: Mailroom
    die: Random
    decided: dict[int, list[NoticeKind]] = field(default_factory=dict)

    def decide(self) -> None:
        """An episode begins, or one that is open goes on."""
        episode = self.die.randint(1, 6)
        kinds = self.decided.setdefault(episode, [])
        if RESOLVE in kinds:
            return
        kind = self.die.choice((ESCALATE, REMIND, RESOLVE, RESOLVE)) if kinds else FIRE
        if kind is ESCALATE and ESCALATE in kinds:
            return
        kinds.append(kind)
        self.room.queue(notice(kind, episode, len(kinds)))

    def die_after_claim(self) -> None:
        """A relay takes a message, and is gone."""
        self.room.outbox.claim(LEASE)

    def die_after_sending(self) -> None:
        """A relay takes a message, tries to send it, and is gone before it writes that down."""
        queued = self.room.outbox.claim(LEASE)
        if queued is not None:
            attempt(queued, self.room.channels, self.room.spec)

    def trouble(self) -> None:
        """The next request fails."""
        self.room.peer.fail(self.die.choice(FAULTS))

    def relay(self) -> None:
        """A relay runs to its end."""
        self.room.relay()

    def wait(self) -> None:
        """Time passes."""
        self.room.later(seconds=self.die.choice((1, 20, 90, 700)))

    def go_on(self) -> None:
        """Something happens."""
        deeds = (self.decide, self.decide, self.relay, self.wait, self.wait, self.trouble)
        self.die.choice((*deeds, self.die_after_claim, self.die_after_sending))()


@pytest.mark.parametrize("seed", range(12))
def test_each_problem_is_told_once_and_in_order_whatever_happens(room: Mailroom, seed: int) -> None:
    story = Story(room, Random(seed))  # noqa: S311 - a test's own dice
    for _ in range(60):
        story.go_on()
    room.relay_all()

    keys = [message["metadata"]["event_payload"]["key"] for message in room.peer.messages]
    assert len(keys) == len(set(keys))
    for episode, kinds in story.decided.items():
        told = [key.split("/")[3] for key in keys if key.startswith(f"sales/milestone/{episode}/")]
        late = [
            text for text in room.texts() if text.startswith("LATE") and f"of {episode}" in text
        ]
        assert told[:1] == (["resolve"] if told == ["resolve"] else ["fire"]), (
            episode,
            kinds,
            told,
        )
        assert ("resolve" in told) == (RESOLVE in kinds), (episode, kinds, told)
        assert late == [] or told == ["resolve"]
        if RESOLVE in kinds:
            assert told[-1] == "resolve"
        else:
            assert ("escalate" in told) == (ESCALATE in kinds)
