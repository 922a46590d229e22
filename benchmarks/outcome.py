"""What a figure found: lines of the table, and the numbers behind them."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the table.

    Attributes:
        what: What was measured.
        target: What it should be; '' where it is only told.
        measured: What it is.
        met: Whether the target is met; None without one.
        note: How it was measured, where that is not plain.
    """

    what: str
    target: str = ""
    measured: str
    met: bool | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """The lines of one figure, and its numbers by name, which go into the JSON.

    Attributes:
        took: Seconds to measure it, with all that it had to make first.
    """

    lines: tuple[Line, ...]
    numbers: Mapping[str, object] = field(default_factory=dict)
    took: float = 0.0
