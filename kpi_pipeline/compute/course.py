"""What becomes of a message when its turn comes: it is sent, or others of its episode say more."""

from dataclasses import dataclass, replace
from datetime import tzinfo

from kpi_pipeline.compute.belated import belated
from kpi_pipeline.model.notice import MOST_FACTS, Notice, NoticeKind
from kpi_pipeline.model.outbox import WAITING, OutboxState, Queued

REFUSED, UNREACHED = "Refused by", "Not reached"
LONGEST_REFUSAL = 200
OVERTAKEN = "a later message of its episode was sent"
OVERTAKING = frozenset(NoticeKind) - {NoticeKind.ACKNOWLEDGE}
"""What says all that an earlier message does: that somebody took it does not say how bad it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What to do with a message.

    Attributes:
        state: SENT to send it, SUPERSEDED to leave it out, DEAD to give it up.
        notice: What to say, if it is sent.
        why: The reason why it is not sent; '' if it is.
    """

    state: OutboxState
    notice: Notice
    why: str = ""


def course(queued: Queued, zone: tzinfo) -> Course:
    """Decide what becomes of a message, by the others of its episode over the same channel.

    An ambiguous one must be looked up first: what the channel holds is sent, whatever this says.

    Args:
        queued: With all its siblings.
        zone: Business time, for the words of a late notice.
    """
    if queued.notice.kind is NoticeKind.RESOLVE:
        return _ending(queued, zone)
    if queued.notice.kind is NoticeKind.ACKNOWLEDGE:
        return _acknowledging(queued)
    later = [sibling for sibling in queued.siblings if sibling.id > queued.id]
    sent = {sibling.kind for sibling in later if sibling.state is OutboxState.SENT}
    if sent & OVERTAKING:  # this one is sent again
        return _left(queued, OVERTAKEN)
    newer = {sibling.kind for sibling in later if sibling.state in WAITING}
    if NoticeKind.RESOLVE in newer:
        return _left(queued, "the episode ended before this was sent")
    if queued.notice.kind is NoticeKind.REMIND and NoticeKind.REMIND in newer:
        return _left(queued, "a newer reminder waits")
    return Course(state=OutboxState.SENT, notice=queued.notice)


def _acknowledging(queued: Queued) -> Course:
    """It is told to whoever knows of the episode, while it lasts."""
    if any(s.kind is NoticeKind.RESOLVE for s in queued.siblings):
        return _left(queued, "the episode ended before this was sent")
    if not any(s.state is OutboxState.SENT for s in queued.siblings):
        return _left(queued, "nothing of its episode was told here")
    return Course(state=OutboxState.SENT, notice=queued.notice)


def _ending(queued: Queued, zone: tzinfo) -> Course:
    """An end is told to whoever was told of the beginning, and to nobody else."""
    older = [sibling for sibling in queued.siblings if sibling.id < queued.id]
    states = {sibling.state for sibling in older}
    notice = queued.notice
    if OutboxState.SENT in states or not older or queued.at is None:
        return Course(state=OutboxState.SENT, notice=notice)
    if OutboxState.DEAD in states:
        why = "nothing else of its episode was taken here"
        return Course(state=OutboxState.DEAD, notice=notice, why=why)
    late = belated(notice, older[0].at, queued.at, zone)
    return Course(state=OutboxState.SENT, notice=late)


def _left(queued: Queued, why: str) -> Course:
    return Course(state=OutboxState.SUPERSEDED, notice=queued.notice, why=why)


def handed_over(notice: Notice, refusal: str, label: str = REFUSED) -> Notice:
    """The notice for another channel; it says first which one refused it, and why."""
    facts = ((label, refusal[:LONGEST_REFUSAL]), *notice.facts)
    return replace(notice, facts=facts[:MOST_FACTS])
