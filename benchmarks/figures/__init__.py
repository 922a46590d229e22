"""Every figure of the table, one module each. Adding one is one file and one line here."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.bench import Bench
from benchmarks.figures import (
    agreement,
    catch_up,
    cpu,
    idle,
    latency,
    memory,
    read,
    rows_read,
    scale,
    state,
    tick,
)
from benchmarks.outcome import Finding
from benchmarks.sizes import Size


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """Something that is measured.

    Attributes:
        asked: Only measured when it is named, because it takes minutes whatever the size.
    """

    name: str
    measure: Callable[[Bench], Finding]
    asked: bool = False


FIGURES = (
    Figure(name="agreement", measure=agreement.measure),
    Figure(name="catch_up", measure=catch_up.measure),
    Figure(name="read", measure=read.measure),
    Figure(name="tick", measure=tick.measure),
    Figure(name="idle", measure=idle.measure),
    Figure(name="rows_read", measure=rows_read.measure),
    Figure(name="cpu", measure=cpu.measure),
    Figure(name="memory", measure=memory.measure),
    Figure(name="state", measure=state.measure),
    Figure(name="scale", measure=scale.measure),
    Figure(name="latency", measure=latency.measure, asked=True),
)


def chosen(names: Sequence[str], size: Size, *, check: bool) -> tuple[Figure, ...]:
    """The figures to measure, in the order of the table; agreement comes first if it is wanted."""
    default = {figure.name for figure in FIGURES if not figure.asked or size.name == "full"}
    wanted = set(names) or default
    wanted = wanted | {"agreement"} if check else wanted - {"agreement"}
    return tuple(figure for figure in FIGURES if figure.name in wanted)
