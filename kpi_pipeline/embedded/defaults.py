"""Settings that name no database get the embedded one."""

from dataclasses import replace

from kpi_pipeline.config import Settings
from kpi_pipeline.embedded.cluster import open_cluster


def with_embedded(settings: Settings) -> Settings:
    """The settings with a URL for source and state, starting the embedded server if needed.

    Raises:
        ClusterError: A URL is missing and the embedded server does not start.
    """
    if settings.source_url is not None and settings.state_url is not None:
        return settings
    cluster = open_cluster(settings.home)
    return replace(
        settings,
        source_url=settings.source_url or cluster.url("shop"),
        state_url=settings.state_url or cluster.url("kpi"),
    )
