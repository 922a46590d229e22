"""The state database: can it be used, who folds, what waits."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import create_engine

from kpi_pipeline.embedded.cluster import Cluster
from kpi_pipeline.model.finding import Severity
from kpi_pipeline.model.outbox import Delivery, OutboxState
from kpi_pipeline_tests.conftest import fresh_database
from kpi_pipeline_tests.doctor.mending import as_role, bad, look_at_state, mend
from kpi_pipeline_tests.doctor.pooler import transaction_pooler
from kpi_pipeline_tests.doctor.server import Server
from kpi_pipeline_tests.sales import Sales


def change(sales: Sales, sql: str) -> None:
    """Run SQL in the state database."""
    engine = create_engine(sales.state_url)
    with engine.begin() as connection:
        connection.exec_driver_sql(sql)
    engine.dispose()


def what(sales: Sales, subject: str) -> str:
    """What is found about a subject that is as it should be."""
    (found,) = (item for item in look_at_state(sales) if item.subject == subject)
    assert found.level is Severity.OK
    return found.what


def test_a_state_as_it_should_be_has_only_good_findings(sales: Sales) -> None:
    sales.sell(1)
    sales.advance()

    assert bad(look_at_state(sales)) == {}
    assert what(sales, "state backlog") == "nothing waits to be folded"
    assert what(sales, "state sessions") == "our own, as the lock needs"
    assert what(sales, "messages waiting") == "none"


def test_looking_makes_no_tables(sales: Sales) -> None:
    found = bad(look_at_state(sales))

    assert set(found) == {"state tables"}
    assert found["state tables"].level is Severity.WARNING
    assert "advance" in found["state tables"].remedy
    assert sales.state_rows("SELECT to_regnamespace('kpi')") == [(None,)]


@pytest.fixture
def keeper(sales: Sales) -> Iterator[str]:
    """The state's URL for a role of its own, whose name wants quotes."""
    change(sales, 'CREATE ROLE "Keeper x" LOGIN')
    yield as_role(sales.state_url, "Keeper%20x")
    change(sales, 'DROP OWNED BY "Keeper x"; DROP ROLE "Keeper x"')


def test_a_role_that_may_not_make_the_tables_is_given_the_right(sales: Sales, keeper: str) -> None:
    found = bad(look_at_state(sales, keeper))["state tables"]
    mend(found, sales.state_url)

    assert found.level is Severity.PROBLEM
    assert bad(look_at_state(sales, keeper))["state tables"].level is Severity.WARNING


@pytest.mark.parametrize(
    ("harm", "reset"),
    [
        ("ALTER DATABASE {} SET default_transaction_read_only = on", "ALTER DATABASE"),
        ('ALTER ROLE "Keeper x" SET default_transaction_read_only = on', "ALTER ROLE"),
        (
            'ALTER ROLE "Keeper x" IN DATABASE {} SET default_transaction_read_only = on',
            "IN DATABASE",
        ),
    ],
    ids=["database", "role", "role in database"],
)
def test_a_state_that_takes_no_writes_is_set_back(
    sales: Sales, keeper: str, harm: str, reset: str
) -> None:
    change(sales, harm.format(sales.state_rows("SELECT current_database()")[0][0]))
    found = bad(look_at_state(sales, keeper))["state writes"]
    # The cure must not catch the illness: its session may write, whatever the default says.
    mend(found, f"{sales.state_url}&options=-cdefault_transaction_read_only%3Doff")

    assert found.level is Severity.PROBLEM
    assert reset in found.remedy
    assert "state writes" not in bad(look_at_state(sales, keeper))


@pytest.mark.parametrize(
    ("harm", "level"),
    [
        ("UPDATE kpi.alembic_version SET version_num = '9999'", Severity.PROBLEM),
        ("DELETE FROM kpi.alembic_version", Severity.WARNING),
    ],
    ids=["newer", "none"],
)
def test_tables_of_another_release_are_told(sales: Sales, harm: str, level: Severity) -> None:
    sales.advance()
    change(sales, harm)

    found = bad(look_at_state(sales))

    assert {name: finding.level for name, finding in found.items()} == {"state tables": level}


def test_a_run_at_work_and_a_backlog_are_told(sales: Sales) -> None:
    sales.sell(1)
    sales.advance()
    assert what(sales, "state lock") == "free for the next run"
    sales.rewind()

    with sales.parts.store.exclusive():
        assert what(sales, "state lock") == "a run is folding right now"

    assert what(sales, "state backlog").endswith("minute buckets (rewind)")


def test_a_message_that_waits_for_long_is_told_until_it_is_sent(sales: Sales) -> None:
    sales.sell(5000)
    sales.advance()
    assert what(sales, "messages waiting") == "1, none for long"
    change(sales, "UPDATE kpi.outbox SET created_at = now() - interval '3 hours'")

    found = bad(look_at_state(sales))
    sales.deliver()

    assert "1 to be sent, the oldest for 3h" in found["messages waiting"].what
    assert bad(look_at_state(sales)) == {}


def test_a_message_that_was_given_up_can_be_queued_again(sales: Sales) -> None:
    sales.sell(5000)
    sales.advance()
    queued = sales.parts.outbox.claim(timedelta(minutes=1))
    assert queued is not None
    dead = Delivery(state=OutboxState.DEAD, error="channel_not_found")
    sales.parts.outbox.settle(queued, dead)

    found = bad(look_at_state(sales))
    sales.parts.outbox.resend(())  # what the remedy's command does

    assert "outbox resend --dead" in found["messages given up"].remedy
    assert "1 were given up (channel_not_found)" in found["messages given up"].what
    assert bad(look_at_state(sales)) == {}
    assert len(sales.deliver().sent) == 1


def test_a_message_that_failed_says_why(sales: Sales) -> None:
    sales.sell(5000)
    sales.advance()
    queued = sales.parts.outbox.claim(timedelta(minutes=1))
    assert queued is not None
    failed = Delivery(state=OutboxState.PENDING, error="Slack is away", wait=timedelta(minutes=5))
    sales.parts.outbox.settle(queued, failed)

    assert "Slack is away" in bad(look_at_state(sales))["messages waiting"].what


def test_a_pooler_that_changes_sessions_is_found(server: Server, shop: Sales) -> None:
    with transaction_pooler(server) as pooler:
        pooled = f"postgresql://postgres@127.0.0.1:{pooler.port}/postgres?sslmode=disable"
        found = bad(look_at_state(shop, pooled))

    assert "the lock cannot keep two runs apart" in found["state sessions"].what
    assert "session mode" in found["state sessions"].remedy
    assert "state sessions" not in bad(look_at_state(shop))


def test_a_check_that_cannot_be_made_hides_none_of_the_others(
    postgres: Cluster, sales: Sales
) -> None:
    sales.advance()
    change(sales, "DROP TABLE kpi.dirty")
    found = bad(look_at_state(sales))

    assert set(found) == {"state backlog"}
    assert "could not be checked" in found["state backlog"].what
    with fresh_database(postgres) as gone:
        away = gone
    (only,) = look_at_state(sales, away)
    assert only.level is Severity.PROBLEM
    assert "does not exist" in only.what
