"""Read: every window of the demo from the state, each alone and all together."""

from collections.abc import Callable
from dataclasses import replace

from benchmarks.bench import Bench
from benchmarks.ours import Ours
from benchmarks.outcome import Finding, Line
from benchmarks.stopwatch import (
    YARDSTICK,
    Timed,
    interleaved,
    medians,
    ratio,
    seconds,
    told,
    yardstick,
)
from kpi_pipeline.compute.retention import retention
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.pipeline.publish import take_snapshot

TARGET = 0.002
WITHIN = 1.2
ALL = "all"


def measure(bench: Bench) -> Finding:
    """The same reads over all rows, and over a tenth of them."""
    with (
        bench.ours("demo") as many,
        bench.ours("demo", bench.tenth) as few,
        bench.connect() as shop,
    ):
        names = [*many.spec.windows, ALL]
        methods: dict[str, Timed] = {YARDSTICK: yardstick(shop)}
        for name in names:
            methods[name] = _timed(many, name)
            methods[f"{name}, a tenth"] = _timed(few, name)
        for warm in methods.values():
            warm()
        rounds = bench.size.ticks * 3
        with bench.bar.work("in turns", rounds * len(methods)) as step:
            times = interleaved(methods, rounds, lambda: step(1))
    each = medians(times)
    growth = {name: ratio(times, name, f"{name}, a tenth") for name in names}
    slowest = max(many.spec.windows, key=lambda name: each[name])
    worst = max(growth, key=lambda name: growth[name])
    lines = (
        Line(
            what="read of any window, with its comparison",
            target=f"{TARGET * 1000:g} ms",
            measured=f"{each[slowest] * 1000:.1f} ms ({slowest})",
            met=each[slowest] <= TARGET,
            note=told({name: each[name] for name in [*names, YARDSTICK]}),
        ),
        Line(
            what=f"the same, {bench.size.rows:,} rows against a tenth",
            target=f"within {WITHIN:g} x",
            measured=f"{growth[worst]:.2f} x ({worst})",
            met=growth[worst] <= WITHIN,
            note=", ".join(f"{name} {growth[name]:.2f} x" for name in names),
        ),
    )
    rows = {f"{bench.size.rows // 10}": ", a tenth", f"{bench.size.rows}": ""}
    sizes = {at: {name: each[name + end] for name in names} for at, end in rows.items()}
    return Finding(lines=lines, numbers={"seconds_by_rows": sizes, "growth": growth})


def _timed(ours: Ours, window: str) -> Timed:
    spec = ours.spec
    if window != ALL:
        spec = replace(spec, windows={window: spec.windows[window]}, thresholds={})
    read = reader(ours, spec)
    return lambda: seconds(read)


def reader(ours: Ours, spec: PipelineSpec) -> Callable[[], None]:
    """Reads the windows of a declaration as a commit does, from a state that is loaded."""
    state = ours.parts.store.load()
    as_of = state.as_of
    assert as_of is not None
    kept = retention(ours.spec, as_of)

    def read() -> None:
        with ours.parts.store.read() as unit:
            take_snapshot(spec, state, unit, kept, unit.edges(as_of))

    return read
