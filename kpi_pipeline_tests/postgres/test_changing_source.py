"""The table changes between two looks: what is wrong is named, and once mended nothing is lost."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy.engine import make_url

from kpi_pipeline.model.errors import SourceError
from kpi_pipeline.pipeline.audit import AuditProgress
from kpi_pipeline_tests.sales import DECLARATION, TABLE, Sales
from kpi_pipeline_tests.truth import assert_state_equals_source

MANY_LOOKS = 8
"""More than a driver waits for before it prepares a statement on the server."""


def looked_at(sales: Sales, *, times: int = 1) -> Sales:
    """A shop whose pipeline has looked before."""
    for _ in range(times):
        sales.sell(10)
    sales.advance()
    for _ in range(times):
        sales.peek()
    return sales


def everything(sales: Sales) -> str | None:
    """Why the next look folds all of history again; None if it does not."""
    return sales.parts.source.detect(sales.parts.store.load().position).everything


@pytest.mark.parametrize(
    ("broken", "mended", "message"),
    [
        pytest.param(
            "ALTER TABLE transactions ALTER amount TYPE text",
            "ALTER TABLE transactions ALTER amount TYPE numeric USING CAST(amount AS numeric)",
            "metrics.total_revenue.expr: amount is text; agg sum needs a number",
            id="the amount becomes text",
        ),
        pytest.param(
            "ALTER TABLE transactions RENAME user_id TO customer_id",
            "ALTER TABLE transactions RENAME customer_id TO user_id",
            "metrics.unique_users.expr: public.transactions has no column 'user_id'",
            id="a column vanishes",
        ),
        pytest.param(
            "ALTER TABLE transactions RENAME transaction_id TO id",
            "ALTER TABLE transactions RENAME id TO transaction_id",
            "source.key: public.transactions has no column 'transaction_id'",
            id="the key vanishes",
        ),
        pytest.param(
            "ALTER TABLE transactions ALTER created_at TYPE timestamp",
            "ALTER TABLE transactions ALTER created_at TYPE timestamptz",
            "source.agg_time_dimension: created_at is timestamp without time zone",
            id="the event time loses its zone",
        ),
        pytest.param(
            "ALTER TABLE transactions RENAME TO moved",
            "ALTER TABLE moved RENAME TO transactions",
            "no table 'public.transactions' in the source",
            id="the table is renamed",
        ),
        pytest.param(
            "ALTER SCHEMA public RENAME TO shop",
            "ALTER SCHEMA shop RENAME TO public",
            "no table 'public.transactions' in the source (did you mean 'shop.transactions'?)",
            id="the schema is renamed",
        ),
    ],
)
def test_what_breaks_the_table_is_named_and_nothing_is_lost(
    sales: Sales, broken: str, mended: str, message: str
) -> None:
    looked_at(sales, times=MANY_LOOKS)
    sales.sell(5)
    sales.run(f"SET TimeZone = 'UTC'; {broken}")

    for look in (sales.peek, sales.advance):
        with pytest.raises(SourceError) as caught:
            look()
        assert message in str(caught.value)

    assert sales.value("total_revenue") == MANY_LOOKS * 10
    sales.run(f"SET TimeZone = 'UTC'; {mended}")
    sales.sell(1)
    sales.advance()
    assert sales.value("total_revenue") == MANY_LOOKS * 10 + 6
    assert_state_equals_source(sales)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        pytest.param(
            "ALTER TABLE transactions ALTER amount TYPE numeric USING amount * 2",
            "the table was rewritten or truncated",
            id="amounts are rewritten",
        ),
        pytest.param(
            "ALTER TABLE transactions ALTER amount TYPE integer",
            "the table was rewritten or truncated",
            id="numeric to integer",
        ),
        pytest.param(
            "ALTER TABLE transactions ALTER transaction_id TYPE integer",
            "the table was rewritten or truncated",
            id="the key becomes shorter",
        ),
        pytest.param(
            "ALTER TABLE transactions ALTER user_id TYPE text",
            "the table was rewritten or truncated",
            id="users become text",
        ),
        pytest.param(
            "TRUNCATE transactions", "the table was rewritten or truncated", id="truncated"
        ),
        pytest.param(
            f"DROP TABLE transactions; {TABLE}",
            "the source is another table",
            id="dropped and made again",
        ),
        pytest.param(
            (
                "ALTER TABLE transactions RENAME TO kept; CREATE VIEW transactions AS "
                "SELECT * FROM kept WHERE transaction_id > 2"
            ),
            "the source is another table than the one folded",
            id="a view takes its name",
        ),
    ],
)
def test_another_content_is_folded_anew_with_the_reason(
    sales: Sales, change: str, reason: str
) -> None:
    looked_at(sales, times=MANY_LOOKS)

    sales.run(change)

    assert everything(sales) == reason
    assert reason in sales.peek().reason
    sales.advance()
    assert everything(sales) is None
    sales.sell(1)
    sales.advance()
    assert_state_equals_source(sales)


def test_whole_numbers_become_decimals_and_the_cents_count(sales: Sales) -> None:
    sales.run("ALTER TABLE transactions ALTER amount TYPE integer")
    looked_at(sales, times=MANY_LOOKS)

    sales.run("ALTER TABLE transactions ALTER amount TYPE numeric(12, 2)")
    sales.sell("0.05")
    sales.advance()

    assert str(sales.value("total_revenue")) == f"{MANY_LOOKS * 10}.05"
    assert_state_equals_source(sales)


def test_a_column_that_is_dropped_and_made_again_is_empty(sales: Sales) -> None:
    looked_at(sales)
    sales.run("ALTER TABLE transactions DROP user_id")
    sales.run("INSERT INTO transactions (amount) VALUES (5)")

    with pytest.raises(SourceError, match="has no column 'user_id'"):
        sales.advance()

    sales.run("ALTER TABLE transactions ADD user_id bigint")
    sales.rewind()
    sales.advance()
    assert sales.value("total_revenue") == 15
    assert sales.value("unique_users") == 0
    assert_state_equals_source(sales)


@pytest.fixture
def reader(sales: Sales) -> Iterator[Sales]:
    """The shop as a role sees it that may read the one table."""
    sales.run("DROP ROLE IF EXISTS passer_by; CREATE ROLE passer_by LOGIN")
    sales.run("GRANT SELECT ON transactions TO passer_by; GRANT pg_read_all_stats TO passer_by")
    url = make_url(sales.source_url).set(username="passer_by")
    shop = replace(sales, source_url=url.render_as_string(hide_password=False))
    yield shop
    shop.close()
    sales.run("DROP OWNED BY passer_by; DROP ROLE passer_by")


@pytest.mark.parametrize(
    ("revoke", "grant", "message"),
    [
        pytest.param(
            "REVOKE SELECT ON transactions FROM passer_by",
            "GRANT SELECT ON transactions TO passer_by",
            "no permission to read public.transactions; GRANT SELECT ON public.transactions",
            id="the table",
        ),
        pytest.param(
            "REVOKE USAGE ON SCHEMA public FROM PUBLIC, passer_by",
            "GRANT USAGE ON SCHEMA public TO PUBLIC",
            "permission denied for schema public",
            id="its schema",
        ),
        pytest.param(
            (
                "REVOKE SELECT ON transactions FROM passer_by; "
                "GRANT SELECT (transaction_id, created_at, amount) ON transactions TO passer_by"
            ),
            "GRANT SELECT ON transactions TO passer_by",
            "no permission to read public.transactions",
            id="some of its columns",
        ),
    ],
)
def test_a_permission_that_is_revoked_is_named_and_once_granted_again_nothing_is_lost(
    sales: Sales, reader: Sales, revoke: str, grant: str, message: str
) -> None:
    sales.sell(10)
    reader.advance()
    sales.run(revoke)
    sales.sell(5)

    with pytest.raises(SourceError) as caught:
        reader.advance()

    assert message in str(caught.value)
    sales.run(grant)
    sales.sell(1)
    outcome = reader.advance()
    assert reader.value("total_revenue") == 16
    assert outcome.published is not None
    assert outcome.published.snapshot.guarantee == "exact"


def test_a_table_renamed_away_does_not_make_another_schemas_table_its_heir(sales: Sales) -> None:
    """The declared schema is meant, whatever the search path offers."""
    looked_at(sales)
    sales.run("CREATE SCHEMA other; ALTER TABLE transactions SET SCHEMA other")
    database = make_url(sales.source_url).database
    sales.run(f"ALTER DATABASE {database} SET search_path = other, public")
    sales.parts.close()

    with pytest.raises(SourceError, match=r"did you mean 'other\.transactions'"):
        sales.advance()

    unqualified = replace(
        sales, declaration=DECLARATION.replace("public.transactions", "transactions")
    )
    unqualified.advance()
    assert unqualified.value("total_revenue") == 10
    unqualified.close()


def test_a_table_that_changes_while_an_audit_goes_on_is_named(sales: Sales) -> None:
    """No rewrite tells it: in UTC the same bytes are a timestamp without a zone."""
    sales.run(
        "INSERT INTO transactions (created_at, amount) "
        "SELECT now() - i * interval '1 day', 1 FROM generate_series(0, 60) i"
    )
    sales.advance()
    told: list[AuditProgress] = []

    def progress(found: AuditProgress) -> None:
        if not told:
            sales.run(
                "SET TimeZone = 'UTC'; ALTER TABLE transactions ALTER created_at TYPE timestamp"
            )
        told.append(found)

    with pytest.raises(SourceError, match="created_at is timestamp without time zone"):
        sales.audit(progress=progress)

    assert told[0].left_minutes
