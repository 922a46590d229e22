"""Python's garbage collector stands still while a step has its partials in hand."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Collect nothing until the end; reference counting goes on.

    A slice is some hundred thousand partials that all live until the commit: looking through them
    again and again for garbage took a quarter of a catch-up's time, and found none.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
