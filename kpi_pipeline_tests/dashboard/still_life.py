"""What a board showed once: what the tests of `/metrics` start from."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from kpi_pipeline.model.audit import Audit
from kpi_pipeline.model.episode import Episode, Evidence, Mute, Phase, Verdict
from kpi_pipeline.model.live import Live
from kpi_pipeline.model.notice import Level
from kpi_pipeline.model.pulse import Life
from kpi_pipeline.model.snapshot import Reading
from kpi_pipeline_tests.unit.builders import AS_OF, snapshot

NOW = AS_OF + timedelta(seconds=15)
AVERAGE = Reading(
    metric="average",
    window="today",
    dims=(),
    value=Decimal("35.25"),
    rows=100,
    unit="USD",
    start=AS_OF - timedelta(hours=7),
    end=AS_OF,
    baseline=Decimal(30),
    building=False,
)
AUDIT = Audit(
    at=AS_OF - timedelta(minutes=2),
    interval=None,
    complete=True,
    all_history=False,
    buckets=9,
    rows=100,
    pending=0,
    drifted=3,
    drifts=(),
    difference={},
)
VERDICT = Verdict(
    rule="low",
    dims=(),
    evidence=Evidence.CLEAR,
    level=Level.NONE,
    value=Decimal("35.25"),
    bound=Decimal(30),
    reason="as told",
)
EPISODE = Episode(rule="low", dims=(), definition="", phase=Phase.FIRING, level=Level.WARN)
LIVE = Live(
    definition="3f2a9c0d11aa22bb",
    now=NOW,
    snapshot=snapshot(AVERAGE),
    verdicts=(VERDICT,),
    episodes=(),
    mutes=(Mute(rule="low", until=NOW),),
    audit=AUDIT,
    life=Life(
        published=timedelta(seconds=12),
        looked=timedelta(seconds=12),
        failing=None,
        why="",
        looked_at=NOW - timedelta(seconds=12),
    ),
)
"""Fifteen seconds after a look at which all was well."""


def showing(*readings: Reading) -> Live:
    """The same life with other readings."""
    return replace(LIVE, snapshot=snapshot(*readings))
