"""Which values are members by themselves, and which need a number from a dictionary.

A whole number is its own member, whatever type its column has: `7` and the text `'7'` are the same
one, so a key that changes from number to text counts nobody twice. That spares a dictionary of
every customer, and a look into it for each that comes by. Everything else gets a dense number
below `NUMBERS`.
"""

from collections.abc import Iterable, Mapping

from pyroaring import BitMap

Value = str | int
NUMBERS = 2**31
"""Members from here on are whole numbers less this; those below are the dictionary's."""
_DIGITS = 10


def number_of(value: Value) -> int | None:
    """The member that a value is by itself; None if it needs the dictionary.

    >>> number_of("7") == number_of(7), number_of("07"), number_of(-7), number_of("seven")
    (True, None, None, None)
    """
    if isinstance(value, str):
        plain = len(value) <= _DIGITS and value.isascii() and value.isdigit()
        if not plain or (value[0] == "0" and value != "0"):
            return None
        value = int(value)
    return value + NUMBERS if 0 <= value < NUMBERS else None


def members_of(values: Iterable[Value], ids: Mapping[str, int]) -> BitMap:
    """The set of members.

    Args:
        values: As the source gave them.
        ids: The dictionary's number of each that needs one, by its text.
    """
    listed = list(values)
    numbers = [value for value in listed if type(value) is int]
    if numbers and len(numbers) == len(listed) and 0 <= min(numbers) <= max(numbers) < NUMBERS:
        return BitMap(numbers).shift(NUMBERS)  # many times faster than one by one
    return BitMap(
        ids[str(value)] if (number := number_of(value)) is None else number for value in listed
    )
