"""A mailroom of a test's own, on a copy of one state database that is migrated."""

from collections.abc import Iterator

import pytest
from sqlalchemy.engine import make_url

from kpi_pipeline.embedded.cluster import Cluster
from kpi_pipeline.store.engine import state_engine
from kpi_pipeline.store.migrate import migrate
from kpi_pipeline_tests.conftest import fresh_database
from kpi_pipeline_tests.delivery.mailroom import Mailroom
from kpi_pipeline_tests.notify.slack_peer import SlackPeer


@pytest.fixture(scope="module")
def migrated(postgres: Cluster) -> Iterator[str]:
    """The name of a state database that nobody is connected to."""
    with fresh_database(postgres) as url:
        engine = state_engine(url)
        migrate(engine)
        engine.dispose()
        yield str(make_url(url).database)


@pytest.fixture
def room(postgres: Cluster, migrated: str, slack_peer: SlackPeer) -> Iterator[Mailroom]:
    with fresh_database(postgres, migrated) as url:
        opened = Mailroom(url, slack_peer)
        yield opened
        opened.close()
