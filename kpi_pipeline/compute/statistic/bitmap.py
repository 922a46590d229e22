"""A set of small integers behind a version byte, which more than one statistic is written as."""

from collections.abc import Iterable

from pyroaring import BitMap


def write(version: bytes, ids: Iterable[int]) -> bytes:
    """Encode a set of ids in 0 .. 2^32-1; equal sets are equal bytes."""
    return version + bytes(BitMap(ids).serialize())


def read(version: bytes, data: bytes, what: str) -> BitMap:
    """Read an encoded set.

    Args:
        version: That the data must be of.
        data: As `write` made it.
        what: Names it in an error.

    Raises:
        ValueError: The version is another one, or the data is damaged.
    """
    if data[:1] != version:
        raise ValueError(f"{what} of version {data[:1]!r} are not known; upgrade kpi-pipeline")
    try:
        return BitMap.deserialize(bytes(data[1:]))
    except IndexError:
        raise ValueError(f"the encoded {what} are cut short; fold their buckets again") from None
    except ValueError as error:
        message = f"the encoded {what} are damaged ({error}); fold their buckets again"
        raise ValueError(message) from None
