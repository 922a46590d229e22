"""The position in a PostgreSQL source: a transaction horizon and what bounds its reach."""

import json
from dataclasses import asdict, dataclass

MOST_ANCHORS = 64
UNREADABLE = "unreadable"
WHY_UNREADABLE = "the stored position is of another release"


@dataclass(frozen=True, slots=True)
class Anchor:
    """What an earlier look knew, usable once the horizon has passed its snapshot.

    A transaction with an id of `xmax` or later took it after that look. So it began no earlier
    than `floor`, and its keys are no smaller than `fresh_key`.

    Attributes:
        xmax: First transaction id not yet given at the look.
        floor: When the oldest transaction then running began (ISO-8601).
        fresh_key: Greatest key then visible, less a margin; None without a sequence key.
    """

    xmax: int
    floor: str
    fresh_key: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Where a table was read to.

    Attributes:
        horizon: Every row not yet seen was written by a transaction of this id or later.
        swept: The horizon of the last sweep, or of the first look, which begins a first fill:
            an update of an old row not yet seen was made by a transaction of this id or later.
        oid, file: The table and its storage; other ones mean another table.
        scope: What the anchors are about: the event time, the key and the lookback, as declared.
        anchors: Oldest first.
        leaves: (oid, file) of each partition; other ones came or went with rows in them.
        started: When the server was started (ISO-8601); a crash gives ids a second time.
        cluster: Whose transaction ids these are; another cluster's mean nothing.
        looked: When the last look was, for sources without a horizon (ISO-8601).
        prints: Fingerprint by minute bucket: of its rows that the next look will find again, or,
            for sources without a horizon, of all its rows.
    """

    kind: str
    oid: int
    file: int
    horizon: int = 0
    swept: int = 0
    scope: str = ""
    anchors: tuple[Anchor, ...] = ()
    cluster: str = ""
    looked: str = ""
    prints: tuple[tuple[str, str], ...] = ()
    leaves: tuple[tuple[int, int], ...] = ()
    started: str = ""

    def dump(self) -> str:
        """As text for the state database."""
        return json.dumps(asdict(self), separators=(",", ":"))

    def reach(self) -> Anchor | None:
        """The newest anchor whose snapshot the horizon has passed."""
        passed = [anchor for anchor in self.anchors if anchor.xmax <= self.horizon]
        return passed[-1] if passed else None


def load_position(text: str) -> Position:
    """Read a position; one of another release compares with nothing, so all is folded again."""
    try:
        raw = json.loads(text)
        raw.setdefault("swept", raw.get("horizon", 0))
        raw["anchors"] = tuple(Anchor(**anchor) for anchor in raw["anchors"])
        raw["prints"] = tuple((bucket, sign) for bucket, sign in raw["prints"])
        raw["leaves"] = tuple((oid, file) for oid, file in raw.get("leaves", ()))
        return Position(**raw)
    except (ValueError, TypeError, KeyError):
        return Position(kind=UNREADABLE, oid=0, file=0)


def keep(anchors: tuple[Anchor, ...], new: Anchor, horizon: int) -> tuple[Anchor, ...]:
    """Add an anchor; drop those that no later horizon will use.

    A transaction that stays open for hours adds one at each look; every second is then dropped,
    which only makes the reach longer than it need be.
    """
    everything = (*anchors, new)
    passed = [i for i, anchor in enumerate(everything) if anchor.xmax <= horizon]
    useful = everything[passed[-1] :] if passed else everything
    return useful if len(useful) <= MOST_ANCHORS else (*useful[:-1:2], useful[-1])
