"""Partitions come with rows in them and take rows away; no transaction writes those rows."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from kpi_pipeline.model.batch import Detection
from kpi_pipeline.model.moment import total_minutes
from kpi_pipeline.source.postgres.catalog import read_table
from kpi_pipeline_tests.sales import Sales
from kpi_pipeline_tests.truth import assert_state_equals_source

COLUMNS = """
  transaction_id bigint NOT NULL DEFAULT nextval('ids'),
  created_at timestamptz NOT NULL DEFAULT now(),
  amount numeric(12, 2), transaction_type text, user_id bigint
"""
LOST = "a partition was detached, dropped, rewritten or truncated"
TODAY = datetime.combine(datetime.now(UTC), time(), UTC)


@pytest.fixture
def split(sales: Sales) -> Sales:
    """A shop whose table is partitioned: the last 30 days, and the 30 before by type."""
    sales.run(f"""
        DROP TABLE transactions; CREATE SEQUENCE ids;
        CREATE TABLE transactions ({COLUMNS}) PARTITION BY RANGE (created_at);
        CREATE INDEX ON transactions (created_at);
        CREATE INDEX ON transactions (transaction_id);
        CREATE TABLE recent PARTITION OF transactions {_days(-30, 2)};
        CREATE TABLE older PARTITION OF transactions {_days(-60, -30)}
          PARTITION BY LIST (transaction_type);
        CREATE TABLE older_food PARTITION OF older FOR VALUES IN ('FOOD');
        CREATE TABLE older_fuel PARTITION OF older FOR VALUES IN ('FUEL');
    """)
    for amount, age, kind in ((1, 0, "FOOD"), (2, 20, "FUEL"), (4, 40, "FOOD"), (8, 50, "FUEL")):
        sales.sell(amount, at=TODAY - timedelta(days=age) + timedelta(seconds=1), kind=kind)
    sales.advance()
    assert sales.value("total_revenue") == 15
    return sales


def test_rows_of_partitions_of_partitions_are_found_as_those_of_a_plain_table(
    split: Sales,
) -> None:
    split.sell(16)
    split.sell(32, at=TODAY - timedelta(days=45))
    look = _look(split)
    outcome = split.advance()

    assert total_minutes(look.changed) == 2
    assert outcome.published is not None
    assert outcome.published.snapshot.guarantee == "exact"
    assert_state_equals_source(split)
    assert not split.peek().due


def test_a_partition_attached_with_rows_in_it_is_read_from_its_oldest_to_its_newest_row(
    split: Sales,
) -> None:
    _archive(split)
    split.advance()

    split.run(f"ALTER TABLE transactions ATTACH PARTITION archive {_days(-90, -60)}")

    look = _look(split)
    assert look.everything is None
    assert total_minutes(look.changed) == 10 * 1440 + 1
    split.advance()
    assert split.value("total_revenue") == 15 + 96
    assert_state_equals_source(split)
    assert not split.peek().due


def test_an_attached_tree_of_partitions_is_read_leaf_by_leaf(split: Sales) -> None:
    _archive(split)
    split.run(f"CREATE TABLE past ({COLUMNS}) PARTITION BY RANGE (created_at)")
    split.run(f"ALTER TABLE past ATTACH PARTITION archive {_days(-85, -61)}")
    split.run(f"CREATE TABLE bare PARTITION OF past {_days(-90, -85)}")
    split.advance()

    split.run(f"ALTER TABLE transactions ATTACH PARTITION past {_days(-90, -60)}")

    assert total_minutes(_look(split).changed) == 10 * 1440 + 1
    split.advance()
    assert_state_equals_source(split)


def test_an_empty_new_partition_costs_nothing(split: Sales) -> None:
    split.run(f"CREATE TABLE next PARTITION OF transactions {_days(2, 30)}")
    split.run(f"CREATE TABLE past PARTITION OF transactions {_days(-90, -60)}")

    assert not split.peek().due
    split.sell(16, at=TODAY - timedelta(days=70))
    split.advance()
    assert_state_equals_source(split)


def test_rows_of_a_new_partition_before_the_declared_start_are_not_read(split: Sales) -> None:
    start = TODAY - timedelta(days=72)
    late = replace(split, declaration=_starting(split.declaration, start))
    late.advance()
    _archive(late)
    late.run(f"ALTER TABLE transactions ATTACH PARTITION archive {_days(-90, -60)}")

    look = late.parts.source.detect(late.parts.store.load().position)

    assert [item.start for item in look.changed] == [TODAY - timedelta(days=70)]
    late.close()


@pytest.mark.parametrize(
    "sql",
    [
        "ALTER TABLE transactions DETACH PARTITION recent",
        "DROP TABLE recent",
        "TRUNCATE older_food",
        "TRUNCATE older",
        "VACUUM FULL older_fuel",
    ],
)
def test_when_rows_may_be_gone_that_nobody_can_name_everything_is_folded_again(
    split: Sales, sql: str
) -> None:
    _own(split, sql)

    assert _look(split).everything == LOST
    split.advance()
    assert_state_equals_source(split)
    assert not split.peek().due


@pytest.mark.parametrize(
    "sql",
    [
        "VACUUM FULL recent",
        "TRUNCATE recent",
        "CLUSTER recent USING recent_created_at_idx",
    ],
)
def test_a_rewritten_partition_is_read_between_the_bounds_that_the_catalog_tells(
    split: Sales, sql: str
) -> None:
    _own(split, sql)

    look = _look(split)

    assert look.everything is None
    assert total_minutes(look.changed) == 32 * 1440
    split.advance()
    assert_state_equals_source(split)
    assert not split.peek().due


def test_a_partition_detached_concurrently_is_folded_out(split: Sales) -> None:
    _own(split, "ALTER TABLE transactions DETACH PARTITION recent CONCURRENTLY")

    split.advance()

    assert split.value("total_revenue") == 12
    assert_state_equals_source(split)


def test_a_reader_of_the_parent_alone_also_finds_what_a_new_partition_brought(
    split: Sales,
) -> None:
    split.run("DROP ROLE IF EXISTS parent_reader; CREATE ROLE parent_reader LOGIN")
    split.run("GRANT SELECT ON transactions TO parent_reader")
    split.run("GRANT pg_read_all_stats TO parent_reader")
    reader = replace(split, source_url=split.source_url.replace("postgres@", "parent_reader@"))
    reader.advance()
    _archive(split)
    split.run(f"ALTER TABLE transactions ATTACH PARTITION archive {_days(-90, -60)}")

    reader.advance()

    assert reader.value("total_revenue") == 15 + 96
    reader.close()
    split.run("DROP OWNED BY parent_reader")


def test_children_by_inheritance_are_followed_too(sales: Sales) -> None:
    sales.sell(1)
    sales.advance()
    sales.run("CREATE TABLE child (LIKE transactions INCLUDING DEFAULTS)")
    sales.run(
        "INSERT INTO child (transaction_id, created_at, amount) "
        "VALUES (1, now() - interval '50 days', 2)"
    )
    sales.advance()
    sales.run("ALTER TABLE child INHERIT transactions")

    look = _look(sales)
    sales.advance()

    assert total_minutes(look.changed) == 1
    assert sales.value("total_revenue") == 3
    sales.run("ALTER TABLE child NO INHERIT transactions")
    assert _look(sales).everything == LOST


def test_a_foreign_partition_hides_who_wrote_its_rows(split: Sales) -> None:
    split.run("CREATE FOREIGN DATA WRAPPER far; CREATE SERVER away FOREIGN DATA WRAPPER far")
    split.run(
        f"CREATE FOREIGN TABLE remote PARTITION OF transactions {_days(-90, -60)} SERVER away"
    )

    with split.shop.connect() as connection:
        assert not read_table(connection, split.spec).has_horizon


def _archive(sales: Sales) -> None:
    """A table of its own, with rows of 80 and 70 days ago."""
    sales.run(f"CREATE TABLE archive ({COLUMNS})")
    sales.run(
        "INSERT INTO archive (created_at, amount, transaction_type) "
        "VALUES (:older, 32, 'FOOD'), (:newer, 64, NULL)",
        older=TODAY - timedelta(days=80),
        newer=TODAY - timedelta(days=70),
    )


def _starting(declaration: str, start: datetime) -> str:
    return declaration.replace("  metrics:", f"  start: '{start.isoformat()}'\n  metrics:", 1)


def _days(first: int, last: int) -> str:
    low, high = (TODAY + timedelta(days=n) for n in (first, last))
    return f"FOR VALUES FROM ('{low.isoformat()}') TO ('{high.isoformat()}')"


def _look(sales: Sales) -> Detection:
    return sales.parts.source.detect(sales.parts.store.load().position)


def _own(sales: Sales, sql: str) -> None:
    """As the owner, outside of a transaction."""
    with sales.shop.connect().execution_options(isolation_level="AUTOCOMMIT") as owner:
        owner.exec_driver_sql(sql)


def test_the_index_that_is_missing_is_told_by_a_statement_that_partitions_allow(
    split: Sales,
) -> None:
    split.run("DROP INDEX transactions_created_at_idx")
    (told,) = [item for item in split.parts.source.inspect().warnings if "no index" in item]

    split.run(told[told.index("CREATE INDEX") :])

    assert not any("no index" in item for item in split.parts.source.inspect().warnings)
