"""What rules are judged by beside a snapshot: what people silenced, what the last audit found."""

from dataclasses import dataclass

from kpi_pipeline.model.episode import Mute


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """Read in the transaction that judges.

    Attributes:
        mutes: Those that may still hold.
        drifted: Values that the newest audit found to differ; None before the first.
        links: Label and address, for messages: dashboard, run.
    """

    mutes: tuple[Mute, ...] = ()
    drifted: int | None = None
    links: tuple[tuple[str, str], ...] = ()
