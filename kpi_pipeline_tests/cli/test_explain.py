"""`kpi-pipeline explain` as a person types it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kpi_pipeline_tests.command import Command
from kpi_pipeline_tests.sales import DECLARATION, Sales


@pytest.fixture
def command(sales: Sales, tmp_path: Path) -> Command:
    sales.sell("1234.50", kind="FUEL [red]")
    sales.sell("0.25", kind=None, at=datetime.now(UTC) - timedelta(days=8))
    sales.advance()
    return Command(sales, tmp_path)


def test_explain_shows_definition_bounds_clocks_and_a_statement(command: Command) -> None:
    code, output = command.run("explain", "total_revenue", "--window", "today")

    assert code == 0
    for label in (
        "metric       total_revenue (USD)",
        'agg          sum of "amount"',
        "filter       none",
        "group by     none",
        "source       public.transactions, event time created_at",
        "window       today: day to date, America/New_York time",
        "from         ",
        "up to        ",
        "compared     with the same 7 days before",
        "published    1234.50, of 1 rows",
        "data through ",
        "checked at   ",
        "computed at  ",
        "guarantee    exact",
        "building     no",
        'SELECT coalesce(sum(CAST("amount" AS numeric)), 0) AS value,',
    ):
        assert label in output
    assert " UTC" in output


def test_run_holds_both_numbers_together(sales: Sales, command: Command) -> None:
    equal, told = command.run("explain", "avg_order_value", "--window", "lifetime", "--run")
    sales.sell(5, at=datetime.now(UTC) - timedelta(hours=1))  # inside the published window
    waits, why = command.run("explain", "avg_order_value", "--window", "lifetime", "--run")

    assert (equal, waits) == (0, 0)
    assert "ratio        total_revenue / transaction_count" in told
    assert "agg          transaction_count: count of rows" in told
    assert "published 617.375 of 2 rows, source 617.375 of 2 rows: equal" in told
    assert "from         the declared start" in told
    assert "the source has -204.125, +1 rows" in why
    assert "1 minutes of the window changed since the check" in why


def test_run_fails_where_nothing_waits_that_explains_the_difference(
    sales: Sales, command: Command
) -> None:
    sales.run("DELETE FROM transactions WHERE amount < 1")

    differs, why = command.run("explain", "total_revenue", "--window", "lifetime", "--run")

    assert differs == 1
    assert "the source has -0.25, -1 rows" in why
    assert "kpi-pipeline audit --repair" in why


def test_groups_are_shown_and_one_is_chosen(command: Command) -> None:
    words = ("explain", "revenue_by_type", "--window", "lifetime", "--run")
    code, everything = command.run(*words)
    _, one = command.run(*words, "--group", "(null)")

    assert code == 0
    assert "published    1234.50 (FUEL [red]), of 1 rows" in everything
    assert "GROUP BY 1" in everything
    assert everything.count("equal") == 2
    assert '"transaction_type" IS NULL' in one
    assert "published    0.25 ((null)), of 1 rows" in one
    assert "FUEL" not in one


def test_of_many_groups_the_differing_come_first(sales: Sales, command: Command) -> None:
    many = (
        "INSERT INTO transactions (amount, transaction_type) "
        "SELECT n, 'K' || n FROM generate_series(1, 70) AS n"
    )
    sales.run(many)
    sales.advance()
    words = ("explain", "revenue_by_type", "--window", "lifetime", "--run")
    equal, told = command.run(*words)
    sales.run("DELETE FROM transactions WHERE transaction_type = 'K69'")
    differs, why = command.run(*words)

    assert (equal, differs) == (0, 1)
    assert "22 more groups; --group shows one" in told
    assert "22 more groups, of which 0 differ" in told
    assert why.count("the source has") == 1
    assert why.index("the source has not comparable, -1 rows") < why.index("equal")


def test_a_terminal_shows_what_a_group_holds_and_does_not_obey_it(
    sales: Sales, command: Command
) -> None:
    sales.sell(1, kind="\x1b[2J\u202eevil", at=datetime.now(UTC) + timedelta(days=2))
    sales.sell(1, kind="\x1b[2J\u202eevil")
    sales.advance()

    _, output = command.run("explain", "revenue_by_type", "--window", "today", "--run")

    assert "\\x1b[2J\\u202eevil" in output
    assert output.replace("\n", "").isprintable()


def test_a_window_without_any_group_and_a_filter_are_told(sales: Sales, command: Command) -> None:
    sales.run("DELETE FROM transactions")
    sales.rewind()
    sales.advance()
    _, groups = command.run("explain", "revenue_by_type", "--window", "last_60m", "--run")
    _, big = command.run("explain", "big_orders", "--window", "last_60m")

    assert "no group has rows in this window" in groups
    assert "window       last_60m: the last 1 hour" in groups
    assert 'filter       "amount" >= 50' in big
    assert "published    0, of 0 rows" in big


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("total_revenu", "--window", "today"), "did you mean 'total_revenue'?"),
        (("total_revenue", "--window", "toda"), "did you mean 'today'?"),
        (("revenue_by_type", "--window", "today", "--group", "FUEL"), "no group 'FUEL'"),
    ],
    ids=["metric", "window", "group"],
)
def test_an_unknown_name_is_a_wrong_command(
    command: Command, words: tuple[str, ...], message: str
) -> None:
    code, output = command.run("explain", *words)

    assert code == 2
    assert message in output


def test_before_the_first_run_it_says_what_to_do(sales: Sales, tmp_path: Path) -> None:
    code, output = Command(sales, tmp_path).run("explain", "total_revenue", "--window", "today")

    assert code == 1
    assert "run `kpi-pipeline advance`" in output


def test_an_estimate_says_its_error_and_is_held_within_it(sales: Sales, tmp_path: Path) -> None:
    declared = sales.declaration.replace(
        "    largest:",
        """    middle: {agg: median, expr: amount}
    about_users: {agg: count_distinct, expr: user_id, approximate: true}
    largest:""",
    )
    shop = replace(sales, declaration=declared)
    shop.sell("1234.50")
    shop.advance()
    typed = Command(shop, tmp_path)

    _, median = typed.run("explain", "middle", "--window", "lifetime", "--run")
    _, users = typed.run("explain", "about_users", "--window", "lifetime", "--run")
    shop.run("UPDATE transactions SET amount = 1300")
    code, wrong = typed.run("explain", "middle", "--window", "lifetime", "--run")
    shop.close()

    assert 'agg          percentile 0.5 of "amount"' in median
    assert "error        an estimate, at most ± 1 %" in median
    assert "percentile_disc(0.5) WITHIN GROUP (ORDER BY" in median
    assert "of 1 rows, source 1234.50 of 1 rows: equal within ± 1 %" in median
    assert "error        an estimate, standard error ± 0.81 %" in users
    assert "published 1 of 1 rows, source 1 of 1 rows: equal\n" in users
    assert (code, "+0 rows, more than ± 1 %" in wrong) == (0, True)


def test_a_composed_metric_is_shown_with_its_formula_and_every_statement_behind_it(
    sales: Sales, tmp_path: Path
) -> None:
    more = """\
    refunds: {agg: sum, expr: amount, filter: transaction_type = 'REFUND'}
    net: {type: derived, expr: total_revenue - refunds, description: what is left, unit: USD}
    growth:
      type: derived
      expr: net - before
      metrics: [net, {name: net, alias: before, offset_window: 7 days}]
    year: {type: cumulative, metric: growth, grain_to_date: year}
    ever: {type: cumulative, metric: net}
  windows:
    last_2w: {window: 2 weeks, compare: {offset_window: 1 month}}
"""
    shop = replace(sales, declaration=DECLARATION.replace("  windows:\n", more))
    shop.sell("100.25")
    shop.sell("20.25", kind="REFUND")
    shop.sell(7, at=datetime.now(UTC) - timedelta(days=400))
    shop.advance()
    command = Command(shop, tmp_path)

    code, net = command.run("explain", "net", "--window", "today", "--run")
    _, growth = command.run("explain", "growth", "--window", "last_2w", "--run")
    _, year = command.run("explain", "year", "--window", "today")
    _, ever = command.run("explain", "ever", "--window", "today", "--run")
    old, young = command.run("explain", "growth", "--window", "lifetime", "--run")

    assert code == old == 0
    assert "means        what is left" in net
    assert "formula      total_revenue - refunds" in net
    assert "filter       refunds: \"transaction_type\" = 'REFUND'" in net
    assert net.count("SELECT coalesce(sum(") == 2
    assert "-- refunds from " in net
    assert "published 100.25 of 1 rows, source 100.25 of 1 rows: equal" in net
    assert "window       last_2w: the last 14 days" in growth
    assert "compared     with the same 1 month before" in growth
    assert "  where      before = net, 7 days before" in growth
    assert "formula      net = total_revenue - refunds" in growth
    assert growth.count("SELECT coalesce(sum(") == 4
    assert "cumulative   growth over year to date" in year
    assert "cumulative   net over all of history" in ever
    assert "published 107.25 of 1 rows" in ever
    assert "equal" in young
    shop.close()


def test_what_history_does_not_hold_is_told_beside_its_statement(
    sales: Sales, tmp_path: Path
) -> None:
    more = "    week: {type: cumulative, metric: unique_users, window: 7 days}\n  windows:\n"
    shop = replace(sales, declaration=DECLARATION.replace("  windows:\n", more))
    shop.sell(1)
    shop.advance()

    code, told = Command(shop, tmp_path).run("explain", "week", "--window", "today", "--run")

    assert code == 0
    assert "history does not reach back that far, so it is nothing" in told
    assert "published nothing of 0 rows, source nothing of 0 rows: equal" in told
    shop.close()
