"""One reading of a board, rendered."""

import time
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from kpi_pipeline.dashboard.alerts import alerts_body
from kpi_pipeline.dashboard.envelope import snapshot_body, snapshot_id
from kpi_pipeline.dashboard.plain import encoded
from kpi_pipeline.dashboard.shapes import SnapshotShape
from kpi_pipeline.dashboard.signs import AlertsShape
from kpi_pipeline.model.live import Live
from kpi_pipeline.model.snapshot import Snapshot
from kpi_pipeline.ports.board import Board

DIGITS = 16
LOGGED, MOST_LOGGED = timedelta(days=1), 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One reading of a board, rendered.

    Attributes:
        read_at: The monotonic clock when it was read.
        rendered: What the body shows: of a later look within its minute, the numbers are the same.
        tag: Of this very body; a server of another declaration may give the same id.
        snapshot, alerts: The bodies, and `encoded_snapshot` that of the snapshot as it is sent.
    """

    live: Live
    rendered: Snapshot | None
    read_at: float
    id: str
    tag: str
    snapshot: SnapshotShape
    encoded_snapshot: bytes
    alerts: AlertsShape


def render(board: Board, before: Shown | None) -> Shown:
    """Read a board; what is the same as before is not rendered again."""
    read_at, live = time.monotonic(), board.live()
    id_ = snapshot_id(live.snapshot)
    if before is not None and before.id == id_ and before.live.definition == live.definition:
        snapshot, data, tag = before.snapshot, before.encoded_snapshot, before.tag
        rendered = before.rendered
    else:
        rendered = live.snapshot
        snapshot = snapshot_body(board.spec, live)
        data = encoded(snapshot)
        tag = f"{id_}-{sha256(data).hexdigest()[:DIGITS]}"
    found = board.alert_log(live.now - LOGGED, MOST_LOGGED)
    return Shown(
        live=live,
        rendered=rendered,
        read_at=read_at,
        id=id_,
        tag=tag,
        snapshot=snapshot,
        encoded_snapshot=data,
        alerts=alerts_body(board.spec, live, found),
    )
