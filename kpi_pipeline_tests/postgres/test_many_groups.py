"""More groups than a metric keeps apart: one row for the others, and the same total."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from kpi_pipeline.pipeline.advance import Outcome
from kpi_pipeline.pipeline.explain import confirm, explain
from kpi_pipeline.source.postgres.answers import PostgresAnswers
from kpi_pipeline.store.dictionary import Dictionary
from kpi_pipeline_tests.sales import DECLARATION, Sales

BY = "revenue_by_type"
BY_TYPE = "revenue_by_type: {agg: sum, expr: amount, group_by: [transaction_type], "
FEW = DECLARATION.replace(
    BY_TYPE,
    "users_by_type: {agg: count_distinct, expr: user_id, group_by: [transaction_type],"
    f" most_groups: 3}}\n    {BY_TYPE}most_groups: 3, ",
)
REST = ("(other)",)
SENTENCE = (
    "revenue_by_type has more than 3 groups; groups first seen after that are summed in "
    "'(other)'. Raise most_groups or group by something coarser."
)
EARLIER = timedelta(days=40)


Few = Callable[[int], Sales]


@pytest.fixture
def few(sales: Sales) -> Iterator[Few]:
    """The shop, with a cap on the groups of its metrics."""
    opened: list[Sales] = []

    def open_with(most: int) -> Sales:
        declaration = FEW.replace("most_groups: 3", f"most_groups: {most}")
        opened.append(replace(sales, declaration=declaration))
        return opened[-1]

    yield open_with
    for one in opened:
        one.close()


def groups(outcome: Outcome, metric: str = "revenue_by_type") -> dict[str | None, Decimal | None]:
    assert outcome.published is not None
    found = outcome.published.snapshot.find(metric, "lifetime")
    return {reading.dims[0]: reading.value for reading in found}


def warnings(outcome: Outcome) -> tuple[str, ...]:
    assert outcome.report is not None
    return outcome.report.warnings


def test_ten_thousand_groups_in_one_minute_are_one_fold_and_the_total_is_right(
    sales: Sales,
) -> None:
    sales.run(
        "INSERT INTO transactions (amount, transaction_type, user_id) "
        "SELECT n % 7, 'group ' || n, n FROM generate_series(1, 10000) AS n"
    )

    outcome = sales.advance()

    found = groups(outcome)
    assert outcome.steps == 1
    assert len(found) == 1001
    assert sum(value or 0 for value in found.values()) == sales.value("total_revenue")
    assert warnings(outcome)[0].startswith("revenue_by_type has more than 1,000 groups")


def test_the_largest_groups_of_the_first_look_are_kept_apart(few: Few) -> None:
    shop = few(3)
    for kind, count in (("a", 1), ("b", 3), ("c", 1), (None, 2), ("d", 4)):
        for _ in range(count):
            shop.sell(1, kind=kind, user=ord((kind or "z")[0]))

    outcome = shop.advance()

    assert groups(outcome) == {"d": 4, "b": 3, None: 2, "(other)": 2}
    assert groups(outcome, "users_by_type")["(other)"] == 2
    assert SENTENCE in warnings(outcome)


def test_members_of_groups_that_are_summed_together_are_counted_once(few: Few) -> None:
    shop = few(3)
    for kind in "abcdef":
        shop.sell(1, kind=kind, user=5)
        shop.sell(1, kind=kind, user=5, at=datetime.now(UTC) - EARLIER)

    outcome = shop.advance()

    assert groups(outcome, "users_by_type") == dict.fromkeys("abc", 1) | {"(other)": 1}


def test_groups_keep_their_place_through_refolds_rewinds_and_crowds(few: Few) -> None:
    shop = few(3)
    old = datetime.now(UTC) - EARLIER
    for kind in "abc":
        shop.sell(1, kind=kind)
    assert SENTENCE not in warnings(shop.advance())
    for kind in "defgabc":
        for at in (None, old):
            shop.sell(10, kind=kind, at=at)

    first = groups(shop.advance())
    shop.rewind()
    again = groups(shop.advance())

    assert first == again == dict.fromkeys("abc", 21) | {"(other)": 80}
    assert series(shop) == [REST, ("a",), ("b",), ("c",)]


def series(shop: Sales) -> list[tuple[object, ...]]:
    found = shop.state_rows("SELECT dims FROM kpi.series WHERE metric = 'revenue_by_type'")
    return sorted(tuple(row[0]) for row in found)  # type: ignore[arg-type]


def test_a_raised_cap_names_new_groups_and_a_lowered_one_takes_no_name_away(few: Few) -> None:
    shop, more, less = few(3), few(5), few(1)
    for kind in "abcde":
        shop.sell(1, kind=kind, at=datetime.now(UTC) - timedelta(minutes=5))
    assert groups(shop.advance()) == dict.fromkeys("abc", 1) | {"(other)": 2}

    more.sell(1, kind="d")
    raised = more.advance()
    more.rewind()
    again = more.advance()
    less.sell(1, kind="e")
    less.sell(1, kind="f")
    lowered = less.advance()

    assert groups(raised) == dict.fromkeys("abcd", 1) | {"(other)": 2}
    assert groups(again) == {"a": 1, "b": 1, "c": 1, "d": 2, "e": 1}
    assert groups(lowered) == {"a": 1, "b": 1, "c": 1, "d": 2, "e": 2, "(other)": 1}
    assert SENTENCE.replace("3 groups", "5 groups") not in warnings(again)


def test_a_value_that_reads_like_the_others_is_none_of_them(few: Few) -> None:
    shop = few(3)
    for kind, count in (("a", 2), ("b", 2), ("(other)", 3), ("c", 1), ("d", 1)):
        for _ in range(count):
            shop.sell(1, kind=kind)
    found = groups(shop.advance())
    answers = PostgresAnswers(shop.spec, shop.source_url)
    asked = ((), (r"\(other)",), REST)
    told = [explain(shop.spec, shop.parts.store, BY, "lifetime", group) for group in asked]

    assert found == {"a": 2, "b": 2, r"\(other)": 3, "(other)": 2}
    proofs = [proof for one in told for proof in confirm(one, answers)]
    assert len(proofs) == 6
    assert all(proof.equal for proof in proofs)
    assert shop.audit().reconciles


def test_days_make_of_minutes_what_the_source_makes_of_days(few: Few) -> None:
    """Rolled up days and whole old days hold the same groups."""
    shop = few(3)
    totals: dict[str, Decimal] = defaultdict(Decimal)
    for kind in "abcdef":
        for back in (0, 2, 40):
            shop.sell(ord(kind), kind=kind, at=datetime.now(UTC) - timedelta(days=back))
            totals[kind if kind in "abc" else "(other)"] += ord(kind)

    assert groups(shop.advance()) == totals
    days = shop.state_rows(
        "SELECT count(*), sum(total) FROM kpi.partial p JOIN kpi.series s ON s.id = p.series_id "
        "WHERE metric = 'revenue_by_type' AND grain = 'd'"
    )
    assert days == [(8, Decimal(2 * sum(map(ord, "abcdef"))))]


def test_where_a_group_is_summed_can_be_asked_without_making_anything(few: Few) -> None:
    shop = few(3)
    for kind in "abcd":
        shop.sell(1, kind=kind)
    shop.advance()
    before = shop.state_rows("SELECT count(*), max(id) FROM kpi.series")

    with shop.parts.store.read() as unit:
        connection, id_ = unit.connection, unit.id  # type: ignore[attr-defined]
        dictionary = Dictionary(connection, id_, shop.spec)
        places = dictionary.places([("revenue_by_type", (kind,)) for kind in ("d", "a", None)])

    assert places == {
        ("revenue_by_type", ("d",)): ("revenue_by_type", REST),
        ("revenue_by_type", ("a",)): ("revenue_by_type", ("a",)),
        ("revenue_by_type", (None,)): ("revenue_by_type", REST),
    }
    assert shop.state_rows("SELECT count(*), max(id) FROM kpi.series") == before
