"""Locks that the kernel lets go of, however their holder dies."""

import fcntl
import os
from pathlib import Path


def try_lock(path: Path, *, exclusive: bool) -> int | None:
    """Lock a file without waiting and return the descriptor that holds it.

    The lock lasts until the descriptor, and each copy that a child inherited, is closed.

    Returns:
        The open descriptor, or None while others hold the lock.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, (fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH) | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor
