"""Charts: each point is the metric over its bucket alone, held against the rows themselves."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from kpi_pipeline.assembly import open_board
from kpi_pipeline.compute.calendar import day_start
from kpi_pipeline.compute.explanation import UnknownNameError
from kpi_pipeline.embedded.cluster import Cluster
from kpi_pipeline.model.batch import Dims
from kpi_pipeline.model.errors import RangeError
from kpi_pipeline.model.live import Point, Series
from kpi_pipeline.model.span import Span
from kpi_pipeline.pipeline.board import LiveBoard
from kpi_pipeline_tests.conftest import fresh_database, fresh_state
from kpi_pipeline_tests.sales import DECLARATION, Row, Sales

MORE = """
    share: {type: ratio, numerator: revenue_by_type, denominator: total_revenue}
    growth:
      type: derived
      expr: total_revenue - before
      metrics: [total_revenue, {name: total_revenue, alias: before, offset_window: 1 days}]
    users_3d: {type: cumulative, metric: unique_users, window: 3 days}
    few: {agg: count, group_by: transaction_type, most_groups: 1}
    p50: {agg: median, expr: amount}
  windows:
"""
ZONE = ZoneInfo("America/New_York")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
WEEK = Span(days=7)
TINY = Decimal("1e-9")


@pytest.fixture(scope="module")
def shop(postgres: Cluster) -> Iterator[Sales]:
    """A shop of forty days, folded once."""
    with fresh_database(postgres) as source, fresh_state(postgres) as state:
        declared = DECLARATION.replace("  windows:\n", MORE.lstrip("\n"))
        shop = Sales(source, state, declared).open()
        shop.run(
            "INSERT INTO transactions (created_at, amount, transaction_type, user_id) "
            "SELECT now() - n * INTERVAL '47 minutes', n % 97, nullif('K' || n % 3, 'K2'), n % 11 "
            "FROM generate_series(0, 1200) AS n"
        )
        shop.advance()
        yield shop
        shop.close()


@pytest.fixture(scope="module")
def board(shop: Sales) -> Iterator[LiveBoard]:
    opened = open_board(shop.spec, shop.settings)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def rows(shop: Sales) -> list[Row]:
    return shop.rows()


@pytest.fixture(scope="module")
def now(board: LiveBoard) -> datetime:
    snapshot = board.live().snapshot
    assert snapshot is not None
    return snapshot.as_of


def ends_of(found: Series, last: datetime) -> list[datetime]:
    return [*(point.start for point in found.points[1:]), last]


def wall(point: Point) -> datetime:
    return point.start.astimezone(ZONE).replace(tzinfo=None)


def groups_of(board: LiveBoard, metric: str) -> list[Dims]:
    snapshot = board.live().snapshot
    assert snapshot is not None
    return [reading.dims for reading in snapshot.find(metric, "lifetime")]


def total(rows: list[Row], start: datetime, end: datetime) -> Decimal:
    return summed(amount for at, amount, _, _ in rows if start <= at < end)


def summed(amounts: Iterable[Decimal | None]) -> Decimal:
    return sum((amount for amount in amounts if amount is not None), Decimal(0))


@pytest.mark.parametrize(
    ("grain", "back"),
    [
        ("minute", 6 * HOUR),
        ("five_minutes", 2 * DAY),
        ("hour", 6 * DAY),
        ("day", 30 * DAY),
        ("month", 30 * DAY),
    ],
)
def test_every_point_is_the_sum_of_its_rows(
    board: LiveBoard, rows: list[Row], now: datetime, grain: str, back: timedelta
) -> None:
    found = board.series("total_revenue", grain, now - back, now + DAY)

    ends = ends_of(found, now + DAY)
    assert [p.value for p in found.points] == [
        total(rows, point.start, end) for point, end in zip(found.points, ends, strict=True)
    ]
    assert found.points[0].start <= now - back
    assert found.points[-1].start <= now < found.points[-1].start + timedelta(days=31)
    assert sum(p.rows for p in found.points) == sum(at >= found.points[0].start for at, *_ in rows)


def test_the_points_of_today_add_up_to_the_tile(board: LiveBoard, now: datetime) -> None:
    midnight = day_start(now, ZONE)
    found = board.series("total_revenue", "hour", midnight, now + DAY)
    snapshot = board.live().snapshot

    assert snapshot is not None
    (today,) = snapshot.find("total_revenue", "today")
    assert sum(point.value or 0 for point in found.points) == today.value
    assert [p.start for p in found.points] == [
        midnight + HOUR * n for n in range(len(found.points))
    ]


def test_before_is_the_same_local_clock_a_week_earlier_one_for_one(
    board: LiveBoard, rows: list[Row], now: datetime
) -> None:
    midnight = day_start(now, ZONE)
    for grain, since in (("hour", midnight), ("day", midnight - 6 * DAY)):
        found = board.series("total_revenue", grain, since, now + DAY, offset=WEEK)

        assert len(found.before) == len(found.points)
        for point, before in zip(found.points, found.before, strict=True):
            local, earlier = (
                m.start.astimezone(ZONE).replace(tzinfo=None) for m in (point, before)
            )
            end = before.start + (HOUR if grain == "hour" else DAY)
            if grain == "day":
                end = day_start(before.start, ZONE, shift=1)

            assert local - earlier == timedelta(days=7)
            assert before.value == total(rows, before.start, end)


def test_composed_metrics_are_computed_from_the_buckets_own_parts(
    board: LiveBoard, rows: list[Row], now: datetime
) -> None:
    since = now - 5 * DAY
    days = board.series("avg_order_value", "day", since, now).points
    growth = board.series("growth", "day", since, now).points
    users = board.series("users_3d", "day", since, now).points

    for n, point in enumerate(days[:-1]):
        end = days[n + 1].start
        own = [a for at, a, _, _ in rows if point.start <= at < end]
        three = {u for at, _, _, u in rows if day_start(end, ZONE, shift=-3) <= at < end}
        yesterday = total(rows, day_start(point.start, ZONE, shift=-1), point.start)
        assert point.value is not None
        assert abs(point.value - summed(own) / len(own)) < TINY
        assert growth[n].value == summed(own) - yesterday
        assert users[n].value == len(three)


def test_a_group_has_a_chart_of_its_own(board: LiveBoard, rows: list[Row], now: datetime) -> None:
    since = now - DAY
    first, today = board.series("revenue_by_type", "day", since, now, group=("K1",)).points
    share, _ = board.series("share", "day", since, now, group=("K1",)).points

    own = [a for at, a, kind, _ in rows if first.start <= at < today.start and kind == "K1"]
    assert first.value == summed(own)
    assert share.value is not None
    assert abs(share.value - summed(own) / total(rows, first.start, today.start)) < TINY


def test_rows_without_a_value_and_groups_summed_together_have_charts_too(
    board: LiveBoard, rows: list[Row], now: datetime
) -> None:
    since = now - DAY

    def first(metric: str, *group: str | None) -> Point:
        return board.series(metric, "day", since, now, group=group).points[0]

    none, named = (first("revenue_by_type", group) for group in (None, "(null)"))
    counts = [first("few", dims[0]).value for dims in groups_of(board, "few")]
    tomorrow = day_start(since, ZONE, shift=1)
    own = [a for at, a, kind, _ in rows if none.start <= at < tomorrow and kind is None]
    assert none == named
    assert none.value == summed(own)
    assert len(counts) == 2
    assert sum(count or 0 for count in counts) == sum(
        none.start <= at < tomorrow for at, *_ in rows
    )


def test_where_history_has_not_begun_there_is_nothing(board: LiveBoard, now: datetime) -> None:
    found = board.series("total_revenue", "day", now - 60 * DAY, now - 50 * DAY)

    assert len(found.points) == 11
    assert {(point.value, point.rows) for point in found.points} == {(None, 0)}


def test_a_comparison_beyond_what_is_kept_so_finely_is_nothing_and_never_zero(
    board: LiveBoard, now: datetime
) -> None:
    found = board.series("transaction_count", "hour", now - HOUR, now, offset=Span(days=21))

    assert all(point.value for point in found.points)
    assert {point.value for point in found.before} == {None}


@pytest.mark.parametrize(
    ("grain", "back", "message"),
    [
        ("minute", 30 * HOUR, "more than 1,500 points of grain minute"),
        ("hour", 20 * DAY, "no hour before 2026-.* is kept; ask for the grain day"),
    ],
    ids=["too many", "too old"],
)
def test_more_than_there_is_is_refused_with_what_there_is(
    board: LiveBoard, now: datetime, grain: str, back: timedelta, message: str
) -> None:
    with pytest.raises(RangeError, match=message):
        board.series("total_revenue", grain, now - back, now)


@pytest.mark.parametrize(
    ("metric", "grain", "group", "message"),
    [
        ("total_revenu", "day", (), "did you mean 'total_revenue'"),
        ("total_revenue", "days", (), "did you mean 'day'"),
        ("revenue_by_type", "day", ("K7",), "no group 'K7' of revenue_by_type"),
        ("revenue_by_type", "day", (), "takes 1 group value: one for each of transaction_type"),
        ("total_revenue", "day", ("K1",), "it has no groups"),
    ],
)
def test_a_name_that_is_not_there_is_told_with_the_nearest(
    board: LiveBoard, now: datetime, metric: str, grain: str, group: tuple[str], message: str
) -> None:
    with pytest.raises(UnknownNameError, match=message):
        board.series(metric, grain, now, now, group=group)


def test_days_whose_clocks_are_moved_are_whole_days(sales: Sales) -> None:
    zone = ZoneInfo("America/Havana")  # moves its clocks at midnight
    text = sales.declaration.replace("America/New_York", zone.key)
    havana = replace(sales, declaration=text)
    first = datetime(2026, 3, 6, 12, tzinfo=UTC)
    for n in range(96):
        havana.sell(n, at=first + HOUR * n)
    havana.advance()
    board = open_board(havana.spec, havana.settings)

    points = board.series("total_revenue", "day", first, first + 4 * DAY).points
    board.close()
    rows = havana.rows()
    havana.close()

    starts = [point.start for point in points]
    assert [s.astimezone(zone).hour for s in starts] == [0, 0, 1, 0, 0]
    ends = [*starts[1:], day_start(starts[-1], zone, shift=1)]
    sums = [total(rows, start, end) for start, end in zip(starts, ends, strict=True)]
    assert [point.value for point in points] == sums
