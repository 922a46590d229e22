"""One running deployment for the tests of this folder."""

from collections.abc import Iterator

import pytest

from kpi_pipeline_tests.dev import Dev
from kpi_pipeline_tests.notify.slack_peer import SlackPeer


@pytest.fixture(scope="module")
def dev(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dev]:
    with SlackPeer() as peer, Dev(tmp_path_factory.mktemp("dev"), peer) as running:
        yield running
