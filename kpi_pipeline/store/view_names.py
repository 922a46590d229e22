"""Names of views: within PostgreSQL's length, and apart from others."""

import hashlib

LONGEST = 63
"""Bytes of an identifier; PostgreSQL cuts what is longer."""


def fitted(name: str) -> str:
    """A name of at most 63 bytes; one that is cut ends with a hash of the whole.

    >>> fitted("sales_total_revenue")
    'sales_total_revenue'
    """
    return name if len(name.encode()) <= LONGEST else marked(name, name)


def marked(name: str, whole: str) -> str:
    """A name that ends with a hash of something longer, or more precise.

    >>> marked("a_b_c", "a/b_c")
    'a_b_c_ab14be70'
    """
    end = f"_{hashlib.sha256(whole.encode()).hexdigest()[:8]}"
    return name.encode()[: LONGEST - len(end)].decode(errors="ignore") + end
