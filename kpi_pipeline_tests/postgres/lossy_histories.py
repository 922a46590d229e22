"""Histories that hold what no look can find: it takes a sweep, an audit or a rewind."""

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import rule

from kpi_pipeline_tests.postgres.histories import AGES, HOW, LATE, NTH, WHO, Histories
from kpi_pipeline_tests.sales import DECLARATION


class LossyHistories(Histories):
    """Histories with deletes and updates of old rows too, and with changing definitions."""

    @rule(nth=NTH, how=HOW, late=LATE)
    def change_any(self, nth: int, how: str, late: int | None) -> None:
        self.shop.change(nth, how=how, young=False, late=late)

    @rule(nth=NTH, age=AGES, late=LATE)
    def move(self, nth: int, age: timedelta, late: int | None) -> None:
        self.shop.move(nth, age=age, late=late)

    @rule(nth=NTH, late=LATE)
    def delete(self, nth: int, late: int | None) -> None:
        self.shop.delete(nth, late=late)

    @rule(who=WHO, big=st.sampled_from([20, 50]))
    def redefine(self, who: int, big: int) -> None:
        self.reopen(who, DECLARATION.replace("amount >= 50", f"amount >= {big}"))

    @rule(who=WHO)
    def mend(self, who: int) -> None:
        for what in ("poll", "repair", "poll"):
            self.do(self.pollers[who], what, 0)

    def act(self, name: str, days: int) -> None:
        """Here a change is a deletion too."""
        if name == "change":
            self.shop.delete(1, late=None)
        super().act(name, days)

    def settle(self) -> None:
        """A sweep finds the updates of old rows, an audit what was deleted."""
        self.do(self.pollers[0], "sweep", 0)
        self.mend(0)
