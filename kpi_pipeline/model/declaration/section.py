"""One mapping of a declaration, read key by key; whatever is left over is an error."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import TypeVar

from kpi_pipeline.model.declaration.durations import parse_duration
from kpi_pipeline.model.declaration.nearest import did_you_mean
from kpi_pipeline.model.errors import SpecError

T = TypeVar("T")
_DIGITS = 1000
_SHOWN = 80
UNWRITABLE = re.compile("[\0\ud800-\udfff]")
"""What YAML can spell, and neither JSON in UTF-8 nor a database can hold."""


class Section:
    """Typed access to a mapping; every error carries the path of its key."""

    def __init__(self, raw: object, path: tuple[str, ...]) -> None:
        if not isinstance(raw, Mapping):
            raise SpecError(f"must be a mapping of keys, not {shown(raw)}", path=path)
        self.raw: Mapping[str, object] = {str(key): value for key, value in raw.items()}
        self.path = path

    def only(self, *known: str) -> None:
        """Refuse keys that are not known.

        Raises:
            SpecError: Names the nearest known key.
        """
        for key in self.raw:
            if key not in known:
                raise SpecError(f"unknown key{did_you_mean(key, known)}", path=(*self.path, key))

    def has(self, key: str) -> bool:
        """Whether the key is there with a value."""
        return self.raw.get(key) is not None

    def text(self, key: str) -> str:
        """A required, non-empty string."""
        return self._read(key, _text)

    def number(self, key: str) -> Decimal | None:
        """A finite decimal, or None if the key is absent."""
        return self._read(key, _number) if self.has(key) else None

    def pair(self, key: str) -> tuple[Decimal, Decimal]:
        """Two finite decimals in a list."""
        return self._read(key, _pair)

    def whole(self, key: str, default: int) -> int:
        """A whole number that is not negative."""
        return self._read(key, _whole) if self.has(key) else default

    def duration(self, key: str, default: timedelta) -> timedelta:
        """A duration such as 15m."""
        return self._read(key, _duration) if self.has(key) else default

    def names(self, key: str) -> tuple[str, ...]:
        """A list of strings; a single string is a list of one; absent is empty."""
        return self._read(key, _names) if self.has(key) else ()

    def parsed(self, key: str, parse: Callable[[str], T]) -> T:
        """A required string, read by `parse`, whose ValueError becomes a SpecError."""
        return self._read(key, lambda value: parse(_text(value)))

    def section(self, key: str) -> "Section":
        """A nested mapping; an absent one is empty."""
        value = self.raw.get(key)
        return Section({} if value is None else value, (*self.path, key))

    def sections(self) -> Iterator[tuple[str, "Section"]]:
        """Each key with its nested mapping; an empty value is an empty mapping."""
        for key, value in self.raw.items():
            yield key, Section({} if value is None else value, (*self.path, key))

    def error(self, message: str, key: str | None = None) -> SpecError:
        """An error about one key, or about the whole mapping."""
        return SpecError(message, path=self.path if key is None else (*self.path, key))

    def _read(self, key: str, convert: Callable[[object], T]) -> T:
        if not self.has(key):
            raise self.error(f"the key {key!r} is missing")
        try:
            return convert(self.raw[key])
        except ValueError as error:
            raise self.error(str(error), key) from None


def shown(value: object) -> str:
    """A wrong value for a message; a giant one is not worth its digits, and may refuse to print."""
    try:
        text = repr(value)
    except (ValueError, RecursionError):
        return f"a {type(value).__name__} too large to show"
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def _text(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float) or value == "":
        raise ValueError(f"must be text, not {shown(value)}")
    if isinstance(value, str) and UNWRITABLE.search(value):
        raise ValueError(f"must be text without NUL and halves of characters, not {shown(value)}")
    return value if isinstance(value, str) else shown(value)


def _number(value: object) -> Decimal:
    try:
        number = Decimal(_text(value))
    except (InvalidOperation, ValueError):
        raise ValueError(f"must be a number, not {shown(value)}") from None
    if not number.is_finite() or abs(number.adjusted()) > _DIGITS:
        raise ValueError(f"must be a finite number of sensible size, not {shown(value)}")
    return number


def _pair(value: object) -> tuple[Decimal, Decimal]:
    if not isinstance(value, list | tuple) or len(value) != 2:  # noqa: PLR2004 - a pair
        raise ValueError(f"must be two numbers, such as [30, 90], not {shown(value)}")
    return _number(value[0]), _number(value[1])


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError(f"must be a whole number that is not negative, not {shown(value)}")
    return value


def _duration(value: object) -> timedelta:
    return parse_duration(_text(value))


def _names(value: object) -> tuple[str, ...]:
    items = value if isinstance(value, list | tuple) else [value]
    return tuple(_text(item) for item in items)
