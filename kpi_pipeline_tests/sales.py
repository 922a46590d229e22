"""A shop's table and the pipeline over it, on real databases; what most tests start from."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property

from sqlalchemy import Connection, Engine, create_engine, text

from kpi_pipeline.assembly import Assembly, assemble
from kpi_pipeline.config import Settings
from kpi_pipeline.model.audit import Audit
from kpi_pipeline.model.declaration.lines import parse_text
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.pipeline.advance import Outcome, advance
from kpi_pipeline.pipeline.audit import AuditProgress, audit
from kpi_pipeline.pipeline.deliver import Delivered, deliver
from kpi_pipeline.pipeline.peek import Peek, peek
from kpi_pipeline.pipeline.rewind import rewind
from kpi_pipeline.pipeline.scope import Scope

DECLARATION = """
type: kpi_pipeline.KpiPipelineComponent
attributes:
  timezone: America/New_York
  source: {table: public.transactions, key: transaction_id, agg_time_dimension: created_at}
  metrics:
    total_revenue: {agg: sum, expr: amount, unit: USD}
    transaction_count: {agg: count}
    unique_users: {agg: count_distinct, expr: user_id}
    revenue_by_type: {agg: sum, expr: amount, group_by: [transaction_type], unit: USD}
    avg_order_value: {type: ratio, numerator: total_revenue, denominator: transaction_count}
    largest: {agg: max, expr: amount}
    big_orders: {agg: count, filter: amount >= 50}
  windows:
    lifetime: {}
    today: {grain_to_date: day, compare: {offset_window: 7 days}}
    last_60m: {window: 60 minutes, compare: {offset_window: 7 days}}
  thresholds:
    milestone: {metric: total_revenue, window: lifetime, above: 1000, notify: [slack]}
"""
TABLE = """
CREATE TABLE transactions (
  transaction_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  created_at timestamptz NOT NULL DEFAULT now(),
  amount numeric(12, 2),
  transaction_type text,
  user_id bigint
);
CREATE INDEX ON transactions (created_at);
"""
ROWS = text("SELECT created_at, amount, transaction_type, user_id FROM transactions")
Row = tuple[datetime, Decimal | None, str | None, int | None]
SELL = text("""
INSERT INTO transactions (created_at, amount, transaction_type, user_id)
VALUES (coalesce(CAST(:at AS timestamptz), now()), :amount, :type, :user)
""")


@dataclass
class Sales:
    """One shop and its pipeline.

    Attributes:
        source_url, state_url: Two fresh databases.
        declaration: YAML of the pipeline.
        extra: More settings, such as Slack's.
    """

    source_url: str
    state_url: str
    declaration: str = DECLARATION
    extra: dict[str, str] = field(default_factory=dict)

    @cached_property
    def shop(self) -> Engine:
        """The owner's own connection to the shop."""
        return create_engine(self.source_url)

    @cached_property
    def spec(self) -> PipelineSpec:
        """The checked declaration."""
        return parse_text("sales", self.declaration, "defs.yaml")

    @property
    def settings(self) -> Settings:
        """Settings that name both databases."""
        return Settings(source_url=self.source_url, state_url=self.state_url, **self.extra)  # type: ignore[arg-type]

    @cached_property
    def parts(self) -> Assembly:
        """The pipeline, wired."""
        return assemble(self.spec, self.settings)

    def open(self) -> "Sales":
        """Create the table."""
        self.run(TABLE)
        return self

    def run(self, sql: str, **values: object) -> None:
        """Run SQL in the shop and commit."""
        with self.shop.begin() as connection:
            connection.execute(text(sql), values)

    def sell(
        self,
        amount: object = 10,
        *,
        at: datetime | None = None,
        kind: str | None = "FOOD",
        user: int | None = 1,
        on: Connection | None = None,
    ) -> None:
        """Insert one row; commits unless a connection is given."""
        row = {"at": at, "amount": amount, "type": kind, "user": user}
        if on is not None:
            on.execute(SELL, row)
            return
        with self.shop.begin() as connection:
            connection.execute(SELL, row)

    def advance(
        self,
        seconds: float = 600,
        *,
        sweep: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> Outcome:
        """Fold what is due.

        Raises:
            RefillError: Names a metric that could not be filled.
        """
        parts = self.parts
        outcome = advance(
            parts.spec,
            parts.source,
            parts.store,
            budget=timedelta(seconds=seconds),
            clock=clock,
            sweep=sweep,
        )
        if outcome.failure is not None:
            raise outcome.failure
        return outcome

    def audit(
        self,
        *,
        since: datetime | None = None,
        share: float = 1.0,
        repair: bool = False,
        resume: bool = True,
        seconds: float = 60,
        progress: Callable[[AuditProgress], None] = lambda _: None,
    ) -> Audit:
        """Hold the state against the source."""
        parts = self.parts
        scope = Scope(since=since, share=share, resume=resume, repair=repair)
        return audit(
            parts.spec,
            parts.source,
            parts.store,
            scope,
            budget=timedelta(seconds=seconds),
            clock=time.monotonic,
            progress=progress,
        )

    def peek(self) -> Peek:
        """Look without folding."""
        return peek(self.spec, self.parts.source, self.parts.store, self.parts.outbox)

    def rewind(self, since: datetime | None = None) -> None:
        """Queue history to be folded again."""
        rewind(self.parts.source, self.parts.store, since, "test")

    def deliver(self) -> Delivered:
        """Send what the outbox holds."""
        parts = self.parts
        return deliver(
            parts.outbox,
            parts.notifiers,
            budget=timedelta(seconds=20),
            clock=time.monotonic,
            rest=time.sleep,
            spec=parts.spec,
        )

    def value(self, metric: str, window: str = "lifetime") -> Decimal | None:
        """An ungrouped KPI in the last published snapshot."""
        published = self.parts.store.latest()
        assert published is not None
        (reading,) = published.snapshot.find(metric, window)
        return reading.value

    def one(self, sql: str) -> object:
        """A single value from the shop."""
        with self.shop.connect() as connection:
            return connection.execute(text(sql)).scalar()

    def rows(self) -> list[Row]:
        """Every row of the shop: when, amount, type, user."""
        with self.shop.connect() as connection:
            return [tuple(row) for row in connection.execute(ROWS)]

    def state_rows(self, sql: str) -> list[tuple[object, ...]]:
        """Rows from the state database."""
        engine = create_engine(self.state_url)
        with engine.connect() as connection:
            found = [tuple(row) for row in connection.execute(text(sql))]
        engine.dispose()
        return found

    def close(self) -> None:
        """Close every connection."""
        if "shop" in self.__dict__:
            self.shop.dispose()
        if "parts" in self.__dict__:
            self.parts.close()
