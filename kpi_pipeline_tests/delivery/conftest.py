"""A mailroom of a test's own."""

from collections.abc import Iterator

import pytest

from kpi_pipeline.embedded.cluster import Cluster
from kpi_pipeline_tests.conftest import fresh_state
from kpi_pipeline_tests.delivery.mailroom import Mailroom
from kpi_pipeline_tests.notify.slack_peer import SlackPeer


@pytest.fixture
def room(postgres: Cluster, slack_peer: SlackPeer) -> Iterator[Mailroom]:
    with fresh_state(postgres) as url:
        opened = Mailroom(url, slack_peer)
        yield opened
        opened.close()
