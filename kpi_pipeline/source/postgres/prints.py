"""Fingerprints of rows that were seen although the horizon has not passed them.

A transaction that stays open holds the horizon back, so each look finds again what earlier ones
found. A look therefore keeps a print per bucket of the rows that the next look will find again;
where the next one finds just those, nothing happened. That loses nothing: the print is of rows
that the look saw, and their buckets were queued in the commit that kept the print. A print that
is missing, or is of other rows, costs one more read.
"""

from collections.abc import Sequence
from datetime import datetime

from kpi_pipeline.source.postgres.unseen import Bucket

Prints = tuple[tuple[str, str], ...]

MOST_PRINTS = 2000
"""Below 100 KB in all; older buckets are read again at each look."""


def differing(before: Prints, found: Sequence[Bucket]) -> list[datetime]:
    """Buckets with other rows than the last look saw: new ones, or fewer, or none any more."""
    old = dict(before)
    new = {_name(bucket.start): bucket.print for bucket in found}
    changed = [bucket.start for bucket in found if old.get(_name(bucket.start)) != bucket.print]
    return [*changed, *(datetime.fromisoformat(name) for name in old.keys() - new.keys())]


def kept(found: Sequence[Bucket]) -> Prints:
    """What to keep for the next look: of the newest buckets, oldest first."""
    again = sorted((_name(bucket.start), bucket.kept) for bucket in found if bucket.kept)
    return tuple(again[-MOST_PRINTS:])


def _name(bucket: datetime) -> str:
    return bucket.isoformat(timespec="minutes")
