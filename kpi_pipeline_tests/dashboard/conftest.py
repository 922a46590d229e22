"""Dashboards that the tests of this folder share."""

from collections.abc import Iterator

import pytest

from kpi_pipeline.embedded.cluster import Cluster
from kpi_pipeline_tests.dashboard.gallery import gallery
from kpi_pipeline_tests.dashboard.real import Shop, open_shop
from kpi_pipeline_tests.dashboard.running import FAR, Running, serving


@pytest.fixture(scope="session")
def near() -> Iterator[Running]:
    """The gallery, on loopback."""
    boards, bell = gallery()
    with serving(boards, bell) as running:
        yield running


@pytest.fixture(scope="session")
def far() -> Iterator[Running]:
    """The gallery as if it listened elsewhere, where everything wants the token."""
    boards, bell = gallery()
    with serving(boards[:1], bell, FAR) as running:
        yield running


@pytest.fixture(scope="session")
def shop(postgres: Cluster) -> Iterator[Shop]:
    """A real shop, on loopback."""
    with open_shop(postgres) as found:
        yield found
