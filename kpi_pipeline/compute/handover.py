"""A channel that is down: who is told meanwhile of what waits for it."""

from collections.abc import Callable
from datetime import timedelta

from kpi_pipeline.model.notice import Level, NoticeKind
from kpi_pipeline.model.outbox import WAITING, Handover, Queued

PATIENCE = timedelta(hours=1)
"""A begin or an escalation waits so long for its channel alone.

No channel may ask for a longer rest, so by then it is not busy but down; and whoever has to act on
an alert has not known of it for as long as `doctor` and people bear."""
LEAST_ATTEMPTS = 2
"""One failure is no state: after a night without a relay the first may be a hiccup."""
HANDED = (NoticeKind.FIRE, NoticeKind.ESCALATE)


Others = Callable[[Queued, Level], tuple[str, ...]]


def meanwhile(queued: Queued, others: Others) -> tuple[Handover, ...]:
    """What is told elsewhere, because a message could not be sent now; all of it goes on waiting.

    A channel that rests for an hour is asked about one message an hour: those of other episodes,
    which wait behind that one, would not be told elsewhere until each had its turn.

    Args:
        queued: What just failed, with its siblings and what waits behind it.
        others: Who may be told of a message at a level in this channel's place, the best first.
    """
    is_down = queued.attempts >= LEAST_ATTEMPTS and queued.waited >= PATIENCE
    return tuple(
        handover
        for item in (queued, *queued.behind)
        for handover in _of_episode(item, others, is_down=is_down)
    )


def _of_episode(queued: Queued, others: Others, *, is_down: bool) -> tuple[Handover, ...]:
    """Of one episode.

    Its escalation, which waits behind its begin, need not wait for an hour of its own. What is
    over by now is told to nobody else, but its end to whoever was told of it in this channel's
    place.
    """
    own = (queued.id, queued.notice.kind, queued.notice.level)
    later = (s for s in queued.siblings if s.id > queued.id and s.state in WAITING)
    waiting = (own, *((s.id, s.kind, s.level) for s in later))
    ends = [id_ for id_, kind, _ in waiting if kind is NoticeKind.RESOLVE]
    if ends:
        return told_the_end(queued, ends[0])
    if not is_down or queued.waited < PATIENCE:
        return ()
    return tuple(
        Handover(id=id_, channels=others(queued, level))
        for id_, kind, level in waiting
        if kind in HANDED
    )


def told_the_end(queued: Queued, end: int) -> tuple[Handover, ...]:
    """Whoever was told of an episode in a channel's place is told its end, each of them.

    Args:
        queued: Of the episode, over the channel.
        end: The message of its end.
    """
    return tuple(Handover(id=end, channels=(name,)) for name in queued.stand_ins)
