"""Live sales for the demo shop, with the habits that break naive pipelines.

Most rows are written as they happen. Some arrive late, some take an earlier sale back, and
some belong to a transaction that commits seconds after its row was written.
"""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import LiteralString

import psycopg
from rich.console import Console

SAMPLE_ROWS = 2000
LATE_SHARE = 0.06
REFUND_SHARE = 0.04
SLOW_SHARE = 0.04
LATE_SECONDS = 20 * 60.0
SLOW_SECONDS = (3.0, 8.0)
SLOW_WRITERS = 4
RETRY_SECONDS = 2.0

SAMPLE: LiteralString = """
SELECT amount, transaction_type, user_id FROM public.transactions
WHERE transaction_id = ANY (%s) AND amount > 0 ORDER BY transaction_id
"""

# clock_timestamp(), not now(): a session's long transaction must not backdate the row.
INSERT: LiteralString = """
INSERT INTO public.transactions (created_at, amount, transaction_type, user_id)
VALUES (clock_timestamp() - %s, %s, %s, %s)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """One row to write.

    Attributes:
        amount: Negative for a refund.
        kind: The row's transaction_type.
        user_id: Who bought.
        age: How long ago it happened.
        hold: Seconds between the row's insert and its commit.
    """

    amount: Decimal
    kind: str
    user_id: int
    age: timedelta = timedelta()
    hold: float = 0.0


def sales(samples: list[Sale], random: Random) -> Iterator[Sale]:
    """Endless sales drawn from `samples`; refunds take back one that came before."""
    earlier = list(samples)
    while True:
        draw = random.random()
        sale = random.choice(samples)
        if draw < LATE_SHARE:
            sale = replace(sale, age=timedelta(seconds=random.uniform(0, LATE_SECONDS)))
        elif draw < LATE_SHARE + REFUND_SHARE:
            back = random.choice(earlier[-SAMPLE_ROWS:])
            yield replace(back, amount=-back.amount, age=timedelta(), hold=0.0)
            continue
        elif draw < LATE_SHARE + REFUND_SHARE + SLOW_SHARE:
            sale = replace(sale, hold=random.uniform(*SLOW_SECONDS))
        yield sale
        earlier = [*earlier[-SAMPLE_ROWS:], sale]


def read_samples(connection: psycopg.Connection, random: Random) -> list[Sale]:
    """Past sales to imitate, the same for the same table and seed."""
    row = connection.execute("SELECT max(transaction_id) FROM public.transactions").fetchone()
    newest = row[0] if row and row[0] else 1
    ids = [random.randint(1, newest) for _ in range(SAMPLE_ROWS)]
    rows = connection.execute(SAMPLE, (ids,)).fetchall()
    samples = [Sale(amount=amount, kind=kind, user_id=user) for amount, kind, user in rows]
    return samples or [Sale(amount=Decimal("9.99"), kind="GROCERY", user_id=1)]


def run_traffic(
    url: str, *, rate: float, random: Random, stop: threading.Event, console: Console
) -> None:
    """Write about `rate` rows a second until `stop` is set; outlives a lost database or table.

    Args:
        url: A libpq URL.
        rate: Rows a second, above 0.
        random: Decides everything but the clock.
        stop: Ends the traffic within a moment; open transactions commit first.
        console: Where losing and finding the database is told.
    """
    with ThreadPoolExecutor(SLOW_WRITERS, "slow-sale") as slow:
        while not stop.is_set():
            try:
                with psycopg.connect(url, autocommit=True, connect_timeout=10) as connection:
                    console.print(f"[dim]shop:[/] open, about {rate:g} sales a second")
                    stream = sales(read_samples(connection, random), random)
                    _sell(connection, stream, _Till(url, rate, random, stop, slow))
            except (psycopg.OperationalError, psycopg.errors.UndefinedTable) as error:
                reason = str(error).strip().splitlines()[0] if str(error).strip() else "no answer"
                console.print(
                    f"[yellow]shop: it cannot sell, its database or table is away ({reason}); "
                    f"trying again every {RETRY_SECONDS:g} s"
                )
                stop.wait(RETRY_SECONDS)


@dataclass(frozen=True, slots=True)
class _Till:
    url: str
    rate: float
    random: Random
    stop: threading.Event
    slow: ThreadPoolExecutor
    free: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(SLOW_WRITERS))


def _sell(connection: psycopg.Connection, stream: Iterator[Sale], till: _Till) -> None:
    for sale in stream:
        if till.stop.wait(till.random.expovariate(till.rate)):
            return
        if sale.hold and till.free.acquire(blocking=False):
            till.slow.submit(_sell_slowly, till, sale)
        else:
            _insert(connection, sale)


def _sell_slowly(till: _Till, sale: Sale) -> None:
    """Insert now, commit later; a sale whose database went away was never made."""
    try:
        with psycopg.connect(till.url, connect_timeout=10) as connection:
            _insert(connection, sale)
            till.stop.wait(sale.hold)
    finally:
        till.free.release()


def _insert(connection: psycopg.Connection, sale: Sale) -> None:
    connection.execute(INSERT, (sale.age, sale.amount, sale.kind, sale.user_id))
