"""Any history of a shop and its pipeline, made up by Hypothesis, on real databases.

After every poll that leaves no backlog the state equals the source, unless the history holds what
only a sweep or an audit can find; then it does after those.
"""

import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from sqlalchemy import create_engine, text

from kpi_pipeline_tests.postgres.deeds import DAY, again, overtake, poll, started
from kpi_pipeline_tests.postgres.shopkeepers import Shopkeepers
from kpi_pipeline_tests.postgres.wire import UNLOCKED, KilledError, Stage, Wire, WiredSales
from kpi_pipeline_tests.sales import DECLARATION, Sales
from kpi_pipeline_tests.truth import assert_state_equals_source

FORGET = "TRUNCATE kpi.pipeline CASCADE"
COUNTED = text("""
SELECT count(*) AS rows, coalesce(sum(amount), 0) AS total FROM transactions
WHERE created_at < :end AND (CAST(:start AS timestamptz) IS NULL OR created_at >= :start)
""")
HOUR = timedelta(hours=1)
AGES = st.sampled_from(
    [
        *(timedelta(minutes=minutes) for minutes in (0, 1, 13, 16, 61)),
        *(days * DAY for days in (1, 7, 34, 35, 36, 60, 400)),
        *(-2 * HOUR, -3 * DAY),
    ]
)
AMOUNTS = st.none() | st.integers(-5, 90) | st.decimals(0, 99, places=2)
KINDS = st.sampled_from(["FOOD", "FUEL", "", None])
USERS = st.none() | st.integers(1, 4)
LATE = st.none() | st.integers(0, 2)
HOW = st.sampled_from(["amount", "type", "user"])
NTH = st.integers(0, 5)
WHO = st.integers(0, 1)
WHAT = st.sampled_from(["poll", "one step", "sweep", "audit", "repair", "recompute", "rewind"])
OVERTAKEN = st.sampled_from(["poll", "sweep", "repair", "recompute"])
DAYS = st.sampled_from([0, 0, 1, 7, 35, 60])
SOURCE_ACTS = ("die", "sell", "sell old", "change", "commit")
STATE_ACTS = ("fold", "recompute", "rewind", "repair")
STAGES = st.sampled_from([*UNLOCKED, Stage.AGGREGATED])


class Histories(RuleBasedStateMachine):
    """Histories in which every look must find everything."""

    def __init__(self, sales: Sales) -> None:
        super().__init__()
        self.sales = sales
        self.shop = Shopkeepers(sales)
        self.pollers = [self._poller(), self._poller()]
        self.rewritten = False
        self.acts = 0

    def _poller(self, declaration: str = DECLARATION) -> WiredSales:
        return WiredSales(self.sales.source_url, self.sales.state_url, declaration)

    def reopen(self, who: int, declaration: str | None = None) -> None:
        """A new process takes a poller's place, perhaps with another declaration."""
        old = self.pollers[who]
        old.close()
        self.pollers[who] = self._poller(declaration or old.declaration)

    @initialize(spread=st.booleans(), rows=st.sampled_from([0, 60]))
    def open(self, spread: bool, rows: int) -> None:  # noqa: FBT001 - drawn by name
        self.sales.parts.store.load()  # makes the tables
        engine = create_engine(self.sales.state_url)
        with engine.begin() as connection:
            connection.execute(text(FORGET))
        engine.dispose()
        self.shop.open(spread=spread, rows=rows)

    @rule(age=AGES, amount=AMOUNTS, kind=KINDS, user=USERS, late=LATE)
    def sell(
        self,
        age: timedelta,
        amount: Decimal | int | None,
        kind: str | None,
        user: int | None,
        late: int | None,
    ) -> None:
        at = datetime.now(UTC) - age if age else None
        with self.shop.at_work(late) as mine:
            self.sales.sell(amount, at=at, kind=kind, user=user, on=mine.connection)

    @rule(late=LATE)
    def tie(self, late: int | None) -> None:
        at = datetime.now(UTC).replace(second=0, microsecond=0)
        with self.shop.at_work(late) as mine:
            for amount in (1, 2):
                self.sales.sell(amount, at=at, on=mine.connection)

    @rule(nth=NTH, how=HOW, late=LATE)
    def change_young(self, nth: int, how: str, late: int | None) -> None:
        self.shop.change(nth, how=how, young=True, late=late)

    @precondition(lambda self: len(self.shop.late) < 3)
    @rule(write=st.booleans())
    def begin(self, write: bool) -> None:  # noqa: FBT001
        self.shop.begin(write=write)

    @precondition(lambda self: self.shop.late)
    @rule(nth=NTH)
    def savepoint(self, nth: int) -> None:
        self.shop.savepoint(nth)

    @precondition(lambda self: self.shop.late)
    @rule(nth=NTH, keep=st.booleans())
    def release(self, nth: int, keep: bool) -> None:  # noqa: FBT001
        self.shop.release(nth, keep=keep)

    @precondition(lambda self: self.shop.late)
    @rule(nth=NTH, commit=st.booleans())
    def finish(self, nth: int, commit: bool) -> None:  # noqa: FBT001
        self.shop.finish(nth, commit=commit)

    @precondition(lambda self: not self.shop.late)
    @rule(how=st.sampled_from(["TRUNCATE transactions", "VACUUM FULL transactions"]))
    def rewrite(self, how: str) -> None:
        self.shop.alone(how)
        self.rewritten = True

    @rule(freeze=st.booleans())
    def vacuum(self, freeze: bool) -> None:  # noqa: FBT001
        self.shop.alone(f"VACUUM ({'FREEZE' if freeze else 'ANALYZE'}) transactions")

    @rule(who=WHO)
    def restart(self, who: int) -> None:
        self.reopen(who)

    @rule(who=WHO)
    def peek(self, who: int) -> None:
        mine = self.pollers[who]
        if not mine.peek().due and mine.declaration == DECLARATION:
            self.expect_equal()

    @rule(who=WHO, what=WHAT, days=DAYS)
    def ask(self, who: int, what: str, days: int) -> None:
        self.do(self.pollers[who], what, days)

    @rule(
        who=WHO,
        what=WHAT,
        days=DAYS,
        stage=st.sampled_from(Stage),
        skip=st.integers(0, 1),
        name=st.sampled_from(SOURCE_ACTS),
    )
    def interrupt(self, who: int, what: str, days: int, stage: Stage, skip: int, name: str) -> None:
        self.meanwhile(who, what, days, Wire(stage, skip, lambda: self.act(name, days)))

    @rule(who=WHO, what=OVERTAKEN, days=DAYS, stage=STAGES, name=st.sampled_from(STATE_ACTS))
    def overtake(self, who: int, what: str, days: int, stage: Stage, name: str) -> None:
        def act() -> None:
            self.act("sell old", days)
            self.act("change", days)
            self.beside(self.pollers[1 - who], name, days)

        self.meanwhile(who, what, days, Wire(stage, 0, act))

    def meanwhile(self, who: int, what: str, days: int, wire: Wire) -> None:
        """A deed with an act in its midst."""
        mine = self.pollers[who]
        mine.wire.stage, mine.wire.skip, mine.wire.act = wire.stage, wire.skip, wire.act
        try:
            self.do(mine, what, days)
        except KilledError:
            self.reopen(who)
        mine.wire.stage = None

    def act(self, name: str, days: int) -> None:
        """One of the source acts."""
        self.acts += 1
        if name == "die":
            raise KilledError
        if name == "sell":
            self.sales.sell(4)
        elif name == "sell old":
            self.sales.sell(60, at=datetime.now(UTC) - days * DAY)
        elif name == "change":
            self.shop.change(0, how="amount", young=True, late=None)
        else:
            self.shop.finish_any()

    def do(self, mine: WiredSales, what: str, days: int) -> None:
        """What a run is asked to do; then what must be true."""
        if what in {"poll", "one step", "sweep"}:
            self.polled(mine, what)
        else:
            self.beside(mine, what, days)

    def polled(self, mine: WiredSales, what: str) -> None:
        """Once nothing is left to fold, the state is the source."""
        acts = self.acts
        outcome = poll(mine, seconds=0 if what == "one step" else 60, sweep=what == "sweep")
        self.rewritten = self.rewritten and acts != self.acts
        if acts != self.acts or outcome.left_minutes:
            return
        self.shop.unswept = self.shop.unswept and what != "sweep"
        if mine.declaration == DECLARATION:
            self.expect_equal()

    def beside(self, mine: WiredSales, what: str, days: int) -> None:
        """What may be asked beside the folds, once something was folded."""
        if what == "fold":
            overtake(mine)
        elif not started(mine):
            return
        elif what == "recompute":
            again(mine, days)
        elif what == "rewind":
            acts = self.acts
            mine.rewind(datetime.now(UTC) - days * DAY if days else None)
            self.queued(acts, days)
        elif not self.rewritten:
            self.audited(mine, repair=what == "repair", days=days)

    def audited(self, mine: WiredSales, *, repair: bool, days: int) -> None:
        """No audit finds drift where looks find everything, whatever runs beside it."""
        acts, since = self.acts, datetime.now(UTC) - days * DAY if days else None
        found = mine.audit(since=since, repair=repair)

        assert self.forgiven or found.drifted == 0, found
        if repair:
            self.queued(acts, days)

    def queued(self, acts: int, days: int) -> None:
        """All that differs in history will be folded again, and no step may lose that."""
        if acts == self.acts and not days:
            self.shop.unswept = self.shop.gone = False

    @property
    def forgiven(self) -> bool:
        """Whether something happened that a look need not find."""
        return self.shop.unswept or self.shop.gone

    def expect_equal(self) -> None:
        """Bucket by bucket, and as published over every window."""
        if self.forgiven:
            return
        assert_state_equals_source(self.sales)
        published = self.sales.parts.store.latest()
        assert published is not None
        with self.sales.shop.connect() as connection:
            for metric, column in (("transaction_count", "rows"), ("total_revenue", "total")):
                for window in self.sales.spec.windows:
                    (reading,) = published.snapshot.find(metric, window)
                    bounds = {"start": reading.start, "end": reading.end}
                    expected = connection.execute(COUNTED, bounds).one()

                    assert (reading.value or 0) == getattr(expected, column), reading

    def settle(self) -> None:
        """Nothing is open any more; the last poll comes."""
        self.do(self.pollers[0], "poll", 0)

    def teardown(self) -> None:
        """The end of every history, unless it has failed before."""
        try:
            if sys.exc_info()[0] is None:
                self.end()
        finally:
            self.shop.close()
            for one in self.pollers:
                one.close()

    def end(self) -> None:
        """All is committed and folded: nothing differs, and nothing is due."""
        while self.shop.late:
            self.shop.finish(0, commit=True)
        self.reopen(0, DECLARATION)
        self.settle()
        last = self.pollers[0]
        last.deliver()

        assert not self.forgiven
        assert last.audit().drifted == 0
        assert not last.peek().due or "alert" in last.peek().reason
        self.expect_equal()
