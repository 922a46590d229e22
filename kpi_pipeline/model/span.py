"""A length on the calendar: months and days by the local clock, minutes by elapsed time."""

from dataclasses import dataclass

LONGEST_MONTH = 31
MINUTES_OF_A_DAY = 1440


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """How far back; one of the three is above zero, the others are zero.

    Attributes:
        months: Whole months; a quarter has three, a year twelve. Month ends clamp.
        days: Whole local days, however many hours they have; a week has seven.
        minutes: Whole minutes of elapsed time.
    """

    months: int = 0
    days: int = 0
    minutes: int = 0

    def __post_init__(self) -> None:
        lengths = (self.months, self.days, self.minutes)
        if min(lengths) < 0 or sum(length > 0 for length in lengths) != 1:
            raise ValueError(f"{self!r} is not one length above zero")

    @property
    def most_days(self) -> int:
        """Days that it never is longer than.

        >>> Span(months=2).most_days, Span(days=7).most_days, Span(minutes=90).most_days
        (62, 7, 1)
        """
        return self.months * LONGEST_MONTH + self.days - (-self.minutes // MINUTES_OF_A_DAY)

    @property
    def text(self) -> str:
        """As a person says it.

        >>> Span(months=12).text, Span(months=3).text, Span(days=1).text, Span(minutes=60).text
        ('1 year', '1 quarter', '1 day', '1 hour')
        """
        units = (
            (self.months, "year", 12),
            (self.months, "quarter", 3),
            (self.months, "month", 1),
            (self.days, "day", 1),
            (self.minutes, "hour", 60),
            (self.minutes, "minute", 1),
        )
        found = ((length // size, unit) for length, unit, size in units if length % size == 0)
        count, unit = next((count, unit) for count, unit in found if count)
        return f"{count} {unit}{'s' if count > 1 else ''}"
