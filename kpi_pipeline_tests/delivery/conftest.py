"""A mailroom of a test's own."""

from collections.abc import Iterator

import pytest

from kpi_pipeline_tests.delivery.mailroom import Mailroom
from kpi_pipeline_tests.notify.slack_peer import SlackPeer


@pytest.fixture
def room(database: str, slack_peer: SlackPeer) -> Iterator[Mailroom]:
    opened = Mailroom(database, slack_peer)
    yield opened
    opened.close()
