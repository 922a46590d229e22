"""Turns: looks at what changed, and the history of changed metrics, one after the other."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from kpi_pipeline.compute.refill import next_refill
from kpi_pipeline.model.batch import Detection
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.model.state import Dirty, PipelineState


class Turn(StrEnum):
    """What a step is for.

    In a source that is written to all the time every look finds something: without turns the
    history of a changed metric would never be filled.
    """

    LIVE = "look, and fold what changed; the history of changed metrics if nothing did"
    REFILL = "fold the history of changed metrics, as of the last look"


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """What a step shall do.

    Attributes:
        sweep: Look for updates of old rows too.
        barred: Metrics that a step before failed at; what is folded for the others becomes
            theirs to fill.
        looked_at: When the last look began, by the state database's clock; a refill goes by it.
    """

    turn: Turn = Turn.LIVE
    sweep: bool = False
    barred: frozenset[str] = frozenset()
    looked_at: datetime | None = None


ANYTHING = Aim()


def last_look(spec: PipelineSpec, state: PipelineState) -> Detection | None:
    """The look that the state shows, if nothing but the history of changed metrics waits."""
    if state.position is None or state.as_of is None or state.definitions != spec.definitions:
        return None
    if any(item.live for item in state.dirty):
        return None
    return Detection(
        position=state.position,
        as_of=state.as_of,
        changed=(),
        everything=None,
        guarantee=state.guarantee or "unknown",
    )


def following(
    backlog: tuple[Dirty, ...], left: tuple[Dirty, ...], barred: frozenset[str]
) -> Turn | None:
    """What the next step is for, after one that left so much of a backlog; None if it can end."""
    if any(item.live for item in left):
        return Turn.LIVE
    if not next_refill(left, barred).spans:
        return None
    return Turn.REFILL if any(item.live for item in backlog) else Turn.LIVE
