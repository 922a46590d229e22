"""A desk without a database: what people do changes the board."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from kpi_pipeline.model.episode import Episode, Mute, Phase, Transition

if TYPE_CHECKING:
    from kpi_pipeline_tests.dashboard.gallery_board import GalleryBoard


class GalleryDesk:
    """What people do changes the board."""

    def __init__(self, board: "GalleryBoard") -> None:
        self.board = board

    def now(self) -> datetime:
        """See the port."""
        return self.board.clock()

    def episodes(self) -> Sequence[Episode]:
        """See the port."""
        self.board.require()
        return self.board.episodes

    def transitions(
        self, since: datetime, rules: Sequence[str] | None, most: int
    ) -> tuple[int, tuple[Transition, ...]]:
        """See the port."""
        found = self.board.alert_log(since, most)
        kept = tuple(t for t in found.transitions if rules is None or t.rule in rules)
        return len(kept), kept

    def mutes(self) -> tuple[Mute, ...]:
        """See the port."""
        return tuple(mute for mute in self.board.mutes if mute.until > self.now())

    def mute(self, mute: Mute) -> None:
        """See the port."""
        self.unmute(mute.rule)
        self.board.mutes = (*self.board.mutes, mute)

    def unmute(self, rule: str) -> bool:
        """See the port."""
        before = self.board.mutes
        self.board.mutes = tuple(mute for mute in before if mute.rule != rule)
        return self.board.mutes != before

    def acknowledge(self, seen: Episode, why: str) -> bool:
        """See the port."""
        del why
        fresh = [item for item in self.board.episodes if _is(item, seen)]
        self.board.episodes = tuple(
            replace(item, acknowledged=self.now()) if item in fresh else item
            for item in self.board.episodes
        )
        return bool(fresh)


def _is(item: Episode, seen: Episode) -> bool:
    same = (item.rule, item.dims, item.number) == (seen.rule, seen.dims, seen.number)
    open_ = item.phase is Phase.FIRING and item.acknowledged is None
    return same and item.level is seen.level and open_
