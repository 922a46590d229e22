"""`/metrics`: what Prometheus reads, made anew from every board at each scrape.

Nothing is kept between scrapes, so nothing old can look fresh: where the state database is away,
`kpi_up` is 0 and there is no other sample of the pipeline.
"""

from collections.abc import Iterator, Mapping

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from kpi_pipeline.dashboard.metrics_families import FAMILIES, UP
from kpi_pipeline.dashboard.metrics_samples import Sample, samples
from kpi_pipeline.model.errors import StateError
from kpi_pipeline.ports.board import Board


class BoardsCollector(Collector):
    """Reads every board once a scrape."""

    def __init__(self, boards: Mapping[str, Board]) -> None:
        self._boards = boards

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """One family a name, with the samples of all pipelines; those without any are left out."""
        families = {
            name: GaugeMetricFamily(name, family.text, labels=("pipeline", *family.labels))
            for name, family in FAMILIES.items()
        }
        for pipeline, board in self._boards.items():
            for sample in _read(board):
                families[sample.name].add_metric((pipeline, *sample.labels), sample.value)
        return (family for family in families.values() if family.samples)


def metrics_registry(boards: Mapping[str, Board], *others: Collector) -> CollectorRegistry:
    """A registry of this app's own: the library's global one would mix apps of one process.

    Args:
        boards: By pipeline.
        others: What else is to be told, such as of Redis.
    """
    registry = CollectorRegistry()
    for collector in (BoardsCollector(boards), *others):
        registry.register(collector)
    return registry


def exposition(registry: Collector, accept: str | None) -> tuple[bytes, str]:
    """The body and its content type: OpenMetrics for whoever asks for it, else Prometheus' text.

    It reads the state database, so call it from a thread.
    """
    encode, content_type = choose_encoder(accept or "")
    return encode(registry), content_type


def _read(board: Board) -> Iterator[Sample]:
    try:
        live = board.live()
    except StateError:
        yield Sample(UP, (), 0)
        return
    yield Sample(UP, (), 1)
    yield from samples(live)
