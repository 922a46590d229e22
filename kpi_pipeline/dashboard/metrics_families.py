"""The families of `/metrics`: names, labels and help. Every one has the label `pipeline` first.

All are gauges: nothing here counts events, and what Prometheus calls a counter may not be set back
by a rewind, as any of these may.
"""

from collections.abc import Mapping
from dataclasses import dataclass

UP = "kpi_up"
READING = ("metric", "window", "unit", "group")


@dataclass(frozen=True, slots=True)
class Family:
    """One family: its help, and its labels after `pipeline`."""

    text: str
    labels: tuple[str, ...] = ()


FAMILIES: Mapping[str, Family] = {
    UP: Family("Whether the state database answered; if not, nothing else is told of the pipeline"),
    "kpi_value": Family(
        "The KPI over its window, as a float; absent where it has no value or is being filled",
        READING,
    ),
    "kpi_baseline": Family("The KPI over the window that its window is compared with", READING),
    "kpi_rows": Family("Rows that the value rests on", READING),
    "kpi_groups_left_out": Family(
        "Groups of the metric that are not told here, those with the fewest rows", ("metric",)
    ),
    "kpi_building_ratio": Family(
        "How much of the metric's history is filled; absent when all is", ("metric",)
    ),
    "kpi_alert_state": Family(
        "0 is well, 1 pending, 2 firing; absent where the rule has nothing to judge",
        ("rule", "group", "level"),
    ),
    "kpi_alert_muted": Family("1 while a person has silenced the rule", ("rule",)),
    "kpi_alert_groups_left_out": Family(
        "Groups of the rule that are not told here, the healthy ones first", ("rule",)
    ),
    "kpi_snapshot_info": Family(
        "What the snapshot promises, and by which declaration", ("guarantee", "definition_hash")
    ),
    "kpi_revision": Family("Version of the pipeline's state; grows with every commit"),
    "kpi_as_of_timestamp_seconds": Family("The source's clock at the look that the values are of"),
    "kpi_computed_timestamp_seconds": Family("The state database's clock at the snapshot"),
    "kpi_watermark_timestamp_seconds": Family("Event time of the newest row folded"),
    "kpi_checked_timestamp_seconds": Family("When a look or a run last went well"),
    "kpi_failing_seconds": Family("How long ticks and runs have failed; 0 if the last went well"),
    "kpi_backlog_buckets": Family("Minutes that wait to be folded"),
    "kpi_future_rows": Family("Rows folded whose event time has not come yet"),
    "kpi_proof_timestamp_seconds": Family("When the state was last held against the source"),
    "kpi_proof_drifted_values": Family("Values that differed then"),
}
