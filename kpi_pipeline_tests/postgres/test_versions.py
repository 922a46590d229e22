"""Every supported version of PostgreSQL: the same promises, the same numbers."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from kpi_pipeline.model.moment import floor_minute, minute_interval, union
from kpi_pipeline_tests.postgres.conftest import Shop
from kpi_pipeline_tests.postgres.scratch import Scratch
from kpi_pipeline_tests.postgres.writers import Habits, poll_for, writing
from kpi_pipeline_tests.sales import DECLARATION, Sales
from kpi_pipeline_tests.truth import assert_state_equals_source

SEED = 20261125
SECONDS = 4
WRITERS = 8
MOMENTS = (
    "2000-01-01 00:00:00+00",
    "2026-10-25 02:30:30+02",
    "2026-11-24 11:59:59.999999+00",
    "2026-11-24 12:00:00+00",
    "9999-12-29 23:59:59+00",
)


@pytest.fixture
def shop(server: Scratch, shop_on: Shop) -> Sales:
    return shop_on(server)


def test_polling_under_writers_ends_equal_to_the_source(shop: Sales) -> None:
    print(shop.one("SELECT version()"))
    with writing(shop, SEED, WRITERS, Habits(two_phase=True)):
        polls = poll_for(SECONDS, shop)
    outcome = shop.advance()

    assert polls
    assert outcome.published is not None
    assert outcome.published.snapshot.guarantee == "exact"
    assert_state_equals_source(shop)


def test_views_are_bounded_and_sweeps_find_old_updates(shop: Sales) -> None:
    shop.run("CREATE VIEW v AS SELECT * FROM transactions")
    view = replace(shop, declaration=DECLARATION.replace("public.transactions", "v"))
    view.sell(1)
    outcome = view.advance()
    view.run("UPDATE transactions SET amount = 2")
    view.advance()

    assert outcome.published is not None
    assert outcome.published.snapshot.guarantee == "bounded(15m)"
    assert view.value("total_revenue") == 2
    view.close()


def test_a_role_with_select_alone_is_bounded_and_with_one_grant_exact(
    server: Scratch, shop: Sales
) -> None:
    server.run("DROP ROLE IF EXISTS reader")
    server.run("CREATE ROLE reader LOGIN")
    shop.run("GRANT SELECT ON transactions TO reader")
    url = shop.source_url.replace("postgres@", "reader@")
    reader = replace(shop, source_url=url)
    shop.sell(1)
    before = reader.advance().published
    server.run("GRANT pg_read_all_stats TO reader")
    shop.sell(2, at=datetime.now(UTC) - timedelta(days=3))
    after = reader.advance().published

    assert before is not None
    assert after is not None
    assert (before.snapshot.guarantee, after.snapshot.guarantee) == ("bounded(15m)", "exact")
    assert reader.value("total_revenue") == 3
    reader.close()
    shop.run("DROP OWNED BY reader")


def test_a_row_is_found_in_the_minute_that_holds_it(shop: Sales) -> None:
    """By `date_bin`, and by `date_trunc` before PostgreSQL 14."""
    shop.sell(1)
    shop.advance()
    position = shop.parts.store.load().position
    for moment in MOMENTS:
        shop.sell(2, at=datetime.fromisoformat(moment))

    found = shop.parts.source.detect(position).changed

    minutes = [floor_minute(datetime.fromisoformat(moment)) for moment in MOMENTS]
    assert found == union(minute_interval(minute) for minute in minutes)
