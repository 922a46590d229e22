"""`/metrics`: what Prometheus reads, made anew at each scrape.

Nothing is kept between scrapes, so nothing old can look fresh: where the state database is away,
`kpi_up` is 0 and there is no other sample of the pipeline.
"""

from collections.abc import Callable, Iterator, Mapping

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from kpi_pipeline.dashboard.feed import Feed
from kpi_pipeline.dashboard.metrics_families import FAMILIES, UP
from kpi_pipeline.dashboard.metrics_samples import Sample, samples
from kpi_pipeline.model.live import Live

Lives = Callable[[], Mapping[str, Live | None]]
"""What is known of each pipeline now; None where its state cannot be read."""


class LiveCollector(Collector):
    """Asks what is known once a scrape."""

    def __init__(self, lives: Lives) -> None:
        self._lives = lives

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """One family a name, with the samples of all pipelines; those without any are left out."""
        families = {
            name: GaugeMetricFamily(name, family.text, labels=("pipeline", *family.labels))
            for name, family in FAMILIES.items()
        }
        for pipeline, live in self._lives().items():
            for sample in _all(live):
                families[sample.name].add_metric((pipeline, *sample.labels), sample.value)
        return (family for family in families.values() if family.samples)


def lives_of(feeds: Mapping[str, Feed]) -> Lives:
    """What a hub's feeds know: what their last attempt read, and nothing of one that failed."""
    return lambda: {
        name: feed.shown.live if feed.shown and feed.fault is None else None
        for name, feed in feeds.items()
    }


def metrics_registry(lives: Lives, *others: Collector) -> CollectorRegistry:
    """A registry of this app's own: the library's global one would mix apps of one process.

    Args:
        lives: What is known of the pipelines.
        others: What else is to be told, such as of Redis.
    """
    registry = CollectorRegistry()
    for collector in (LiveCollector(lives), *others):
        registry.register(collector)
    return registry


def exposition(registry: Collector, accept: str | None) -> tuple[bytes, str]:
    """The body and its content type: OpenMetrics for whoever asks for it, else Prometheus' text."""
    encode, content_type = choose_encoder(accept or "")
    return encode(registry), content_type


def _all(live: Live | None) -> Iterator[Sample]:
    if live is None:
        yield Sample(UP, (), 0)
        return
    yield Sample(UP, (), 1)
    yield from samples(live)
