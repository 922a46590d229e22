"""What each method ends with, so that they can be compared."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """All history in four numbers.

    Attributes:
        users: How many different users; None where the method does not count them.
    """

    count: int
    total: Decimal | int
    by_type: Mapping[str, Decimal | int]
    users: int | None

    def agrees(self, other: "Totals") -> bool:
        """Whether both say the same of all that both count."""
        same_users = None in {self.users, other.users} or self.users == other.users
        same = (self.count, self.total, dict(self.by_type))
        return same_users and same == (other.count, other.total, dict(other.by_type))
