"""The bell rings when something that a page shows is committed, and says when it is deaf."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from kpi_pipeline.assembly import open_bell
from kpi_pipeline.config import Settings
from kpi_pipeline.embedded.cluster import Cluster
from kpi_pipeline.model.episode import Mute
from kpi_pipeline.model.errors import StateError
from kpi_pipeline.pipeline.failures import note_success
from kpi_pipeline.store.pulse import PostgresPulse
from kpi_pipeline_tests.conftest import fresh_database, fresh_state
from kpi_pipeline_tests.sales import Sales

KILL = text("""
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE '%kpi.pipeline%'
""")
MUTE = text("""
INSERT INTO kpi.mute (pipeline_id, rule, until) SELECT id, :rule, now() FROM kpi.pipeline
""")


@pytest.fixture(scope="module")
def sales(postgres: Cluster) -> Iterator[Sales]:
    """One shop for all, which a rule fires on."""
    with fresh_database(postgres) as source, fresh_state(postgres) as state:
        shop = Sales(source, state).open()
        shop.sell(5000)
        shop.advance()
        yield shop
        shop.close()


@pytest.fixture
def rings(sales: Sales) -> Iterator[Iterator[frozenset[str]]]:
    """Rings of a bell that stands."""
    heard = open_bell(sales.settings).rings(5)
    assert next(heard) == frozenset()
    yield heard
    heard.close()  # type: ignore[attr-defined]


def tick(sales: Sales) -> None:
    note_success(sales.parts.pulse, sales.spec, sales.peek().tick)


def mute(sales: Sales) -> None:
    desk = sales.parts.store.desk()
    desk.mute(Mute(rule="milestone", until=desk.now() + timedelta(hours=1)))


def unmute(sales: Sales) -> None:
    assert sales.parts.store.desk().unmute("milestone")


def acknowledge(sales: Sales) -> None:
    desk = sales.parts.store.desk()
    (episode,) = desk.episodes()
    assert desk.acknowledge(episode, "mine")


def fold(sales: Sales) -> None:
    sales.sell(1)
    sales.advance()


@pytest.mark.parametrize(
    "deed",
    [tick, mute, unmute, acknowledge, Sales.audit, Sales.rewind, fold],
    ids=lambda f: f.__name__,
)
def test_what_a_page_shows_rings_once_with_the_pipelines_name(
    sales: Sales, rings: Iterator[frozenset[str]], deed: Callable[[Sales], object]
) -> None:
    deed(sales)

    assert next(rings) == {"sales"}


def test_many_commits_at_once_ring_once(sales: Sales, rings: Iterator[frozenset[str]]) -> None:
    quiet = sales.peek().tick
    for _ in range(20):
        note_success(sales.parts.pulse, sales.spec, quiet)
    mute(sales)

    assert next(rings) == {"sales"}
    unmute(sales)
    assert next(rings) == {"sales"}


def test_it_rings_within_a_third_of_a_second_of_the_commit(
    sales: Sales, rings: Iterator[frozenset[str]]
) -> None:
    ages = []
    for n in range(5):
        engine = sales.parts.store.engine  # type: ignore[attr-defined]
        with engine.begin() as connection:
            connection.execute(MUTE, {"rule": f"rule {n}"})
        began = time.monotonic()
        assert next(rings) == {"sales"}
        ages.append(time.monotonic() - began)

    assert min(ages) < 0.3


def test_where_nothing_happens_an_empty_ring_comes_after_the_patience(sales: Sales) -> None:
    heard = open_bell(sales.settings).rings(0.05)

    assert [next(heard) for _ in range(3)] == [frozenset()] * 3
    heard.close()  # type: ignore[attr-defined]


def test_a_connection_that_is_cut_is_an_error_and_the_next_call_hears_again(
    sales: Sales, rings: Iterator[frozenset[str]]
) -> None:
    engine = sales.parts.store.engine  # type: ignore[attr-defined]
    engine.dispose()
    with engine.begin() as connection:
        cut = connection.execute(KILL).scalar_one()

    assert cut == 1
    with pytest.raises(StateError, match="state database"):
        next(rings)
    again = open_bell(sales.settings).rings(5)
    assert next(again) == frozenset()
    tick(sales)
    assert next(again) == {"sales"}
    again.close()  # type: ignore[attr-defined]


def test_a_pipeline_that_is_declared_later_has_a_name_too(
    sales: Sales, rings: Iterator[frozenset[str]]
) -> None:
    other = replace(sales.spec, name="returns")
    pulse = PostgresPulse(sales.parts.store.engine, "returns")  # type: ignore[attr-defined]
    note_success(pulse, other, sales.peek().tick)

    assert next(rings) == {"returns"}


def test_what_is_away_is_told_without_its_password() -> None:
    away = Settings(state_url="postgresql://nobody:hushed@127.0.0.1:1/nowhere")

    with pytest.raises(StateError) as caught:
        next(open_bell(away).rings(1))

    assert "hushed" not in str(caught.value)
