"""What rules are judged by beside a snapshot: what people silenced, what the last audit found."""

from dataclasses import dataclass
from datetime import timedelta

from kpi_pipeline.model.episode import Mute


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """Read in the transaction that judges.

    Attributes:
        mutes: Those that may still hold.
        drifted: Values that the newest audit found to differ; None before the first.
        look_age: How long ago the snapshot's look was made, by the state's clock alone.
        links: Label and address, for messages: dashboard, run.
    """

    mutes: tuple[Mute, ...] = ()
    drifted: int | None = None
    look_age: timedelta = timedelta(0)
    links: tuple[tuple[str, str], ...] = ()
