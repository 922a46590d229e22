"""Opens the way to Redis, whose client is an extra."""

from typing import TYPE_CHECKING

from kpi_pipeline.model.errors import KpiError

if TYPE_CHECKING:
    from kpi_pipeline.dashboard.redis_publisher import RedisPublisher


def open_redis(url: str) -> "RedisPublisher":
    """A publisher that has not connected yet.

    Raises:
        KpiError: The client is not installed, or cannot read the address; never shows it.
    """
    try:
        from kpi_pipeline.dashboard.redis_publisher import RedisPublisher  # noqa: PLC0415
    except ImportError as error:
        if (error.name or "").partition(".")[0] != "redis":
            raise
        raise KpiError(
            "KPI_REDIS_URL needs the package redis: pip install 'kpi-pipeline[redis]'"
        ) from None
    try:
        return RedisPublisher(url)
    except ValueError:
        raise KpiError(
            "KPI_REDIS_URL cannot be read; it is like rediss://user:password@host:6379/0, with "
            "special characters of the password percent-encoded"
        ) from None
