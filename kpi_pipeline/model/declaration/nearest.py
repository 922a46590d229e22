"""The nearest known word to a wrong one, for error messages."""

from collections.abc import Iterable
from difflib import get_close_matches


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint such as ` (did you mean 'amount'?)`, or the known words if none is near.

    >>> did_you_mean("amout", ["amount", "user_id"])
    " (did you mean 'amount'?)"
    >>> did_you_mean("x", ["amount", "user_id"])
    ' (known: amount, user_id)'
    """
    words = sorted(str(word) for word in known)
    close = get_close_matches(word, words, n=1)
    if close:
        return f" (did you mean {close[0]!r}?)"
    return f" (known: {', '.join(words)})" if words else ""
