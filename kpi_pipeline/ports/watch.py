"""What a dashboard asks of the state database, beside what the use cases do."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from kpi_pipeline.model.audit import Audit
from kpi_pipeline.model.batch import Dims
from kpi_pipeline.model.correction import Change
from kpi_pipeline.model.episode import Episode, Verdict
from kpi_pipeline.model.live import Tick
from kpi_pipeline.model.outbox import OutboxState
from kpi_pipeline.model.pulse import Life
from kpi_pipeline.model.state import Rewound
from kpi_pipeline.ports.unit import UnitOfWork


class Watch(UnitOfWork, Protocol):
    """One transaction that only looks; all of it sees the same commits."""

    def looked(self) -> datetime | None:
        """As-of of the newest tick after which the state was whole; None if none is kept."""
        ...

    def verdicts(self) -> tuple[Verdict, ...]:
        """Of the last commit."""
        ...

    def audit(self) -> Audit | None:
        """The newest."""
        ...

    def life(self) -> Life:
        """The last signs of life."""
        ...

    def open_episodes(self) -> tuple[Episode, ...]:
        """Where every alert stands that is not all right, failing ticks and runs too."""
        ...

    def groups(self, metrics: Collection[str]) -> frozenset[Dims]:
        """Every group that some of these simple metrics ever had, by their present definitions."""
        ...


class Records(Protocol):
    """What was written down about a pipeline; each method is a transaction of its own."""

    def ticks(self, most: int) -> Sequence[Tick]:
        """The last ticks, newest first."""
        ...

    def rewinds(self, since: datetime, most: int) -> Sequence[Rewound]:
        """Why ranges were folded again, newest first."""
        ...

    def changes(self, since: datetime, most: int) -> Sequence[Change]:
        """What the newest looks that found shown numbers changed, found; newest first."""
        ...

    def audits(self, since: datetime, most: int) -> Sequence[Audit]:
        """Those that found drift, and the newest of all history that found none; newest first."""
        ...

    def runs(self, episodes: Collection[str]) -> Mapping[str, str]:
        """Address of the run that told of an episode first, by the key of its messages."""
        ...

    def messages(
        self, episodes: Collection[str]
    ) -> Mapping[str, Mapping[str, frozenset[OutboxState]]]:
        """How the messages of episodes stand, by their key and by channel."""
        ...
