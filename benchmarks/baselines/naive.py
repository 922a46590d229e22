"""The loop that everybody writes first: poll by timestamp, add in Python.

Variant A keeps its numbers in memory. Variant B writes them as JSON at every poll, so that they
survive a restart; without even waiting for the disk.
"""

import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import psycopg2

from benchmarks.totals import Totals

LIMIT = 500
POLL_SQL = """
SELECT created_at, amount, transaction_type, user_id FROM transactions
WHERE created_at > %s ORDER BY created_at LIMIT 500
"""
FIRSTS_SQL = "SELECT min(created_at), user_id FROM transactions GROUP BY user_id"
AT_SQL = """
SELECT min(created_at) + (max(created_at) - min(created_at)) * %s FROM transactions
"""
EARLIEST = "2000-01-01T00:00:00Z"
Firsts = Sequence[tuple[datetime, int]]
"""When each user came first."""
CENT = Decimal("0.01")


class Naive:
    """Variant A."""

    def __init__(self, dsn: str) -> None:
        self.connection = psycopg2.connect(dsn)
        self.connection.autocommit = True
        self.watermark: datetime | str = EARLIEST
        self.totals: dict[str, float] = {"count": 0, "total": 0.0}
        self.by_type: defaultdict[str, float] = defaultdict(float)
        self.users: set[int] = set()

    def poll(self) -> int:
        """Read the next rows and add them; returns how many there were."""
        with self.connection.cursor() as cursor:
            cursor.execute(POLL_SQL, (self.watermark,))
            rows = cursor.fetchall()
        for created_at, amount, kind, user in rows:
            value = float(amount)
            self.totals["count"] += 1
            self.totals["total"] += value
            self.by_type[kind] += value
            self.users.add(user)
            self.watermark = created_at
        self.keep()
        return len(rows)

    def keep(self) -> None:
        """Variant A forgets everything at a restart."""

    def catch_up(self, polls: int | None = None) -> int:
        """Poll until a poll is not full, or so many times; returns how many rows there were."""
        rows, done = 0, 0
        while polls is None or done < polls:
            found = self.poll()
            rows, done = rows + found, done + 1
            if found < LIMIT:
                break
        return rows

    def jump(self, share: float, firsts: Firsts) -> None:
        """Stand where a loop would stand after this share of the time, with its users."""
        with self.connection.cursor() as cursor:
            cursor.execute(AT_SQL, (share,))
            (here,) = cursor.fetchone()
        self.watermark = here
        self.users = {user for first, user in firsts if first <= here}

    def answer(self) -> Totals:
        """Its floats, to the cent."""
        groups = {kind: Decimal(value).quantize(CENT) for kind, value in self.by_type.items()}
        return Totals(
            count=int(self.totals["count"]),
            total=Decimal(self.totals["total"]).quantize(CENT),
            by_type=groups,
            users=len(self.users),
        )

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()


class NaiveOnDisk(Naive):
    """Variant B."""

    def __init__(self, dsn: str, file: Path) -> None:
        super().__init__(dsn)
        self.file = file

    def keep(self) -> None:
        """Write everything, all of it or nothing."""
        state = {**self.totals, "by_type": self.by_type, "users": list(self.users)}
        draft = self.file.with_suffix(".new")
        draft.write_text(json.dumps({**state, "watermark": str(self.watermark)}))
        draft.replace(self.file)
