"""An idle tick: all that the sensor does where nothing is due, and no run is launched."""

import time
from datetime import timedelta

import dagster as dg

from benchmarks.bench import Bench
from benchmarks.dagster_home import environment, instance
from benchmarks.ours import NO_END, spec_of
from benchmarks.outcome import Finding, Line
from benchmarks.stopwatch import YARDSTICK, Timed, interleaved, medians, seconds, told, yardstick
from kpi_pipeline.orchestration.sensor import tick
from kpi_pipeline.orchestration.wiring import Wiring
from kpi_pipeline.pipeline.advance import advance
from kpi_pipeline.pipeline.deliver import deliver
from kpi_pipeline.pipeline.peek import peek, watermark_of

TARGET = 0.005
JOB = "demo_job"
TRIES = 5


class Sensor:
    """The sensor's own function, as the daemon calls it."""

    def __init__(self, dagster: dg.DagsterInstance) -> None:
        self.dagster = dagster
        self.wiring = Wiring(spec_of("demo"))
        self.cursor: str | None = None

    def look(self) -> float:
        """One tick that must find nothing; its seconds."""
        result, taken = self._tick()
        assert not result.run_requests, f"not idle: {result.run_requests}"
        return taken

    def settle(self) -> None:
        """Do what is due, until a tick finds nothing."""
        parts = self.wiring.assembly()
        # An empty cursor would mean: fold everything again.
        self.cursor = watermark_of(parts.spec, parts.store.load()).isoformat()
        for _ in range(TRIES):
            advance(parts.spec, parts.source, parts.store, budget=NO_END, clock=time.monotonic)
            deliver(
                parts.outbox, parts.notifiers, budget=timedelta(seconds=20), clock=time.monotonic
            )
            if not self._tick()[0].run_requests:
                return
        raise AssertionError("something is due at every tick")

    def peek(self) -> None:
        """The look alone, without what Dagster's storage is asked."""
        parts = self.wiring.assembly()
        peek(parts.spec, parts.source, parts.store, parts.outbox)

    def _tick(self) -> tuple[dg.SensorResult, float]:
        with dg.build_sensor_context(cursor=self.cursor, instance=self.dagster) as context:
            began = time.perf_counter()
            result = tick(self.wiring, context, JOB)
            taken = time.perf_counter() - began
        self.cursor = result.cursor
        return result, taken


def measure(bench: Bench) -> Finding:
    """The sensor, with Dagster's storage in PostgreSQL."""
    with (
        bench.server.database() as storage,
        bench.server.database(template=bench.caught_up("demo", bench.source)) as state,
        environment(bench.server, bench.source, state, storage),
        instance() as dagster,
        bench.ours("sums") as sums,
        bench.connect() as shop,
    ):
        sensor = Sensor(dagster)
        try:
            sensor.settle()
            sums.advance()
            methods: dict[str, Timed] = {
                "sensor, demo": sensor.look,
                "peek, demo": lambda: seconds(sensor.peek),
                "peek, sums": lambda: seconds(sums.look),
                YARDSTICK: yardstick(shop),
            }
            rounds = bench.size.ticks * 3
            with bench.bar.work("in turns", rounds * len(methods)) as step:
                times = interleaved(methods, rounds, lambda: step(1))
        finally:
            sensor.wiring.close()
    each = medians(times)
    line = Line(
        what="idle tick's work in the sensor",
        target=f"{TARGET * 1000:g} ms, no run",
        measured=f"{each['sensor, demo'] * 1000:.1f} ms, no run",
        met=each["sensor, demo"] <= TARGET,
        note=told(each),
    )
    return Finding(lines=(line,), numbers={"seconds": times})
