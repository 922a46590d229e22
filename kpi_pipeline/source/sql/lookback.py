"""Bounded detection: fingerprint every minute since the lookback, tell which differ.

A row is missed if it is dated more than the lookback before the look that could have seen it;
the guarantee says so. After a pause, looks begin at the last one.
"""

from collections import defaultdict
from datetime import UTC, datetime

from sqlalchemy import Connection, text

from kpi_pipeline.model.batch import Detection
from kpi_pipeline.model.declaration.durations import format_duration
from kpi_pipeline.model.moment import floor_minute, minute_interval, union
from kpi_pipeline.source.position import UNREADABLE, WHY_UNREADABLE, Position
from kpi_pipeline.source.sql.statements import Statements

KIND = "sql"


def detect(
    connection: Connection, statements: Statements, identity: str, before: Position | None
) -> Detection:
    """Look once, at the minutes since the lookback and at all future ones."""
    spec = statements.spec
    now = read_clock(connection, statements.dialect.now)
    same = before is not None and (before.kind, before.cluster) == (KIND, identity)
    looked = datetime.fromisoformat(before.looked) if before is not None and same else now
    since = floor_minute(min(now, looked) - spec.source.lookback)
    # A row written in the second pass of an hour counts in the first one.
    since -= statements.time.clock.slack(since)
    new = _prints(connection, statements, since)
    old = dict(before.prints) if before is not None and same else {}
    recent = {bucket for bucket in old if bucket >= since.isoformat()}
    differing = {bucket for bucket, sign in new.items() if old.get(bucket) != sign}
    changed = differing | (recent - new.keys()) if same else set()
    position = Position(
        kind=KIND,
        cluster=identity,
        oid=0,
        file=0,
        looked=now.isoformat(),
        prints=tuple(sorted(new.items())),
    )
    return Detection(
        position=position.dump(),
        as_of=now,
        changed=union(minute_interval(datetime.fromisoformat(bucket)) for bucket in changed),
        everything=_incomparable(before, same=same),
        guarantee=f"bounded({format_duration(spec.source.lookback)})",
    )


def read_clock(connection: Connection, sql: str) -> datetime:
    """The database's own clock."""
    shown = str(connection.execute(text(sql)).scalar_one())
    return datetime.fromisoformat(shown).replace(tzinfo=UTC)


def _incomparable(before: Position | None, *, same: bool) -> str | None:
    if before is None or same:
        return None
    another = "the source is another table than the one folded"
    return WHY_UNREADABLE if before.kind == UNREADABLE else another


def _prints(connection: Connection, statements: Statements, since: datetime) -> dict[str, str]:
    """Fingerprint by minute of UTC; two wall minutes may be one."""
    first = max(since, statements.spec.start)
    least = floor_minute(first)
    found: dict[str, list[str]] = defaultdict(list)
    for row in connection.execute(statements.prints(first)).mappings():
        statements.time.check(row)
        bucket = statements.time.clock.read(row["bucket"])
        if bucket >= least:
            found[floor_minute(bucket).isoformat()].append(f"{row['rows']}/{row['print']}")
    return {bucket: "+".join(sorted(signs)) for bucket, signs in found.items()}
