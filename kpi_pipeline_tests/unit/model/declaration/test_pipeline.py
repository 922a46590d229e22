from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from kpi_pipeline.model.declaration.pipeline import parse_spec
from kpi_pipeline.model.errors import SpecError
from kpi_pipeline.model.spec import SourceTable
from kpi_pipeline_tests.unit.builders import sales, shop


def test_the_five_kpis_of_the_demo_shop_are_declared() -> None:
    spec = sales()

    assert (spec.name, spec.timezone, list(spec.metrics), list(spec.windows)) == (
        "sales",
        ZoneInfo("America/New_York"),
        [
            "total_revenue",
            "transaction_count",
            "unique_users",
            "revenue_by_type",
            "avg_order_value",
        ],
        ["lifetime", "today", "last_60m"],
    )


def test_the_source_has_its_table_and_columns() -> None:
    assert shop().source == SourceTable(
        table="public.orders", key="id", event_time="at", lookback=timedelta(minutes=15)
    )


def test_a_source_may_have_no_key_and_say_nothing_of_lookback() -> None:
    source = shop("key: id, agg_time_dimension: at, lookback: 15m", "agg_time_dimension: at").source

    assert source == SourceTable(
        table="public.orders", key=None, event_time="at", lookback=timedelta(minutes=15)
    )


@pytest.mark.parametrize(
    "table",
    [
        pytest.param("orders", id="a table alone"),
        pytest.param("Order Lines", id="a name with a space"),
        pytest.param("x; DROP TABLE y --", id="a strange name, which stays a name: it is quoted"),
        pytest.param("shop.über", id="letters of any language"),
    ],
)
def test_a_table_is_one_name_or_two(table: str) -> None:
    assert shop("public.orders", f"'{table}'").source.table == table


def test_what_is_not_said_has_a_sensible_default() -> None:
    spec = parse_spec(
        "shop",
        {
            "source": {"table": "orders", "agg_time_dimension": "at"},
            "metrics": {"orders": {"agg": "count"}},
            "windows": {"lifetime": None},
        },
    )

    assert (spec.timezone, spec.every, spec.start, spec.thresholds, spec.channels) == (
        ZoneInfo("UTC"),
        timedelta(minutes=1),
        datetime(2000, 1, 1, tzinfo=UTC),
        {},
        frozenset(),
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("2001-02-03", datetime(2001, 2, 3, tzinfo=UTC), id="a YAML date"),
        pytest.param("'2001-02-03'", datetime(2001, 2, 3, tzinfo=UTC), id="a date in quotes"),
        pytest.param(
            "2001-02-03 04:05:06", datetime(2001, 2, 3, 4, 5, 6, tzinfo=UTC), id="no zone means UTC"
        ),
        pytest.param(
            "2001-02-03T04:05:06+01:00",
            datetime(2001, 2, 3, 3, 5, 6, tzinfo=UTC),
            id="a YAML timestamp with its zone",
        ),
        pytest.param("0001-01-03", datetime(1, 1, 3, tzinfo=UTC), id="the first day"),
        pytest.param("9999-12-30", datetime(9999, 12, 30, tzinfo=UTC), id="the last day"),
    ],
)
def test_a_start_is_a_date_or_a_timestamp(text: str, expected: datetime) -> None:
    assert shop("start: 2000-01-01", f"start: {text}").start == expected


def test_the_sensor_may_be_as_quick_as_half_a_minute() -> None:
    assert shop("every: 1m", "every: 30s").every == timedelta(seconds=30)


@pytest.mark.parametrize("name", ["Sales", "7up", "", "a-b", "a/../b", "s" * 64, "sales\n"])
def test_a_folder_name_that_is_not_a_plain_word_is_refused(name: str) -> None:
    with pytest.raises(SpecError) as caught:
        parse_spec(name, {"metrics": {}})

    assert str(caught.value) == (
        f"the folder name {name!r} must be lower case letters, digits and _"
    )


def test_an_absurdly_long_time_zone_is_not_searched_for() -> None:
    with pytest.raises(SpecError) as caught:
        shop("America/New_York", "A" * 5000)

    assert str(caught.value).endswith("A' (write it like America/New_York)")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        pytest.param(
            "  every: 1m",
            "  evry: 1m",
            "defs.yaml:5: evry: unknown key (did you mean 'every'?)",
            id="an unknown key names the nearest",
        ),
        pytest.param(
            "America/New_York",
            "America/NewYork",
            (
                "defs.yaml:3: timezone: unknown time zone 'America/NewYork' (did you mean "
                "'America/New_York'?)"
            ),
            id="an unknown time zone names the nearest",
        ),
        pytest.param(
            "America/New_York",
            "Mars",
            "defs.yaml:3: timezone: unknown time zone 'Mars' (write it like America/New_York)",
            id="an unknown time zone near to none shows the form",
        ),
        pytest.param(
            "America/New_York",
            "../../etc/passwd",
            (
                "defs.yaml:3: timezone: unknown time zone '../../etc/passwd' (write it like "
                "America/New_York)"
            ),
            id="a path is not a time zone",
        ),
        pytest.param(
            "America/New_York",
            "'+01:00'",
            "defs.yaml:3: timezone: unknown time zone '+01:00' (write it like America/New_York)",
            id="an offset is not a time zone",
        ),
        pytest.param(
            "America/New_York",
            "[UTC]",
            "defs.yaml:3: timezone: must be text, not ['UTC']",
            id="a time zone is text",
        ),
        pytest.param(
            "every: 1m",
            "every: 29s",
            "defs.yaml:5: every: must be 30s or longer",
            id="too often",
        ),
        pytest.param(
            "every: 1m",
            "every: 0s",
            "defs.yaml:5: every: must be 30s or longer",
            id="not at all often",
        ),
        pytest.param(
            "every: 1m",
            "every: often",
            "defs.yaml:5: every: 'often' is not a duration; write it like 30s, 15m, 2h or 7 days",
            id="an interval that is not a duration",
        ),
        pytest.param(
            "start: 2000-01-01",
            "start: yesterday",
            "defs.yaml:6: start: 'yesterday' is not a date; write it like 2000-01-01",
            id="a start that is not a date",
        ),
        pytest.param(
            "start: 2000-01-01",
            "start: 2000",
            "defs.yaml:6: start: '2000' is not a date; write it like 2000-01-01",
            id="a start that is a year alone",
        ),
        pytest.param(
            "start: 2000-01-01",
            "start: 20010203",
            "defs.yaml:6: start: '20010203' is not a date; write it like 2000-01-01",
            id="a start without dashes",
        ),
        pytest.param(
            "start: 2000-01-01",
            "start: 0001-01-02",
            "defs.yaml:6: start: must lie between 0001-01-03 and 9999-12-30",
            id="a start before the first day",
        ),
        pytest.param(
            "start: 2000-01-01",
            "start: 9999-12-31",
            "defs.yaml:6: start: must lie between 0001-01-03 and 9999-12-30",
            id="a start after the last day",
        ),
        pytest.param(
            "start: 2000-01-01",
            "start: '0001-01-01T00:00:00+09:00'",
            (
                "defs.yaml:6: start: '0001-01-01T00:00:00+09:00' is not a date; write it like "
                "2000-01-01"
            ),
            id="a start that overflows in UTC",
        ),
        pytest.param(
            "  source: {table: public.orders, key: id, agg_time_dimension: at, lookback: 15m}\n",
            "",
            "defs.yaml:2: source: the key 'table' is missing",
            id="no source",
        ),
        pytest.param(
            "{table: public.orders, key: id, agg_time_dimension: at, lookback: 15m}",
            "public.orders",
            "defs.yaml:4: source: must be a mapping of keys, not 'public.orders'",
            id="a source that is a word",
        ),
        pytest.param(
            "lookback: 15m",
            "lookbak: 15m",
            "defs.yaml:4: source.lookbak: unknown key (did you mean 'lookback'?)",
            id="an unknown source key names the nearest",
        ),
        pytest.param(
            "agg_time_dimension: at, ",
            "",
            "defs.yaml:4: source: the key 'agg_time_dimension' is missing",
            id="no event time",
        ),
        pytest.param(
            "public.orders",
            "a.b.c",
            "defs.yaml:4: source.table: 'a.b.c' is not a table name, such as public.transactions",
            id="a table of three parts",
        ),
        pytest.param(
            "public.orders",
            "public.",
            (
                "defs.yaml:4: source.table: 'public.' is not a table name, such as "
                "public.transactions"
            ),
            id="a table without a name",
        ),
        pytest.param(
            "public.orders",
            "'public.\"orders\"'",
            (
                "defs.yaml:4: source.table: 'public.\"orders\"' is not a table name, such as "
                "public.transactions"
            ),
            id="a quoted table",
        ),
        pytest.param(
            "public.orders",
            "oooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooo",
            (
                "defs.yaml:4: source.table: "
                "'oooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooo' is not a "
                "table name, such as public.transactions"
            ),
            id="a table name too long",
        ),
        pytest.param(
            "public.orders",
            '"o\\0"',
            (
                "defs.yaml:4: source.table: must be text without NUL and halves of characters, not "
                "'o\\x00'"
            ),
            id="a table name with a nul",
        ),
        pytest.param(
            "agg_time_dimension: at",
            "agg_time_dimension: 'a\"t'",
            "defs.yaml:4: source.agg_time_dimension: 'a\"t' is not a column name",
            id="a quoted event time",
        ),
        pytest.param(
            "key: id",
            "key: '\"id\"'",
            "defs.yaml:4: source.key: '\"id\"' is not a column name",
            id="a quoted key",
        ),
        pytest.param(
            "key: id",
            "key: iiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiii",
            (
                "defs.yaml:4: source.key: "
                "'iiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiii' is not a "
                "column name"
            ),
            id="a key too long",
        ),
        pytest.param(
            "lookback: 15m",
            "lookback: a while",
            (
                "defs.yaml:4: source.lookback: 'a while' is not a duration; write it like 30s, "
                "15m, 2h or 7 days"
            ),
            id="a lookback in words",
        ),
    ],
)
def test_a_fault_is_told_with_file_line_and_path(old: str, new: str, message: str) -> None:
    with pytest.raises(SpecError) as caught:
        shop(old, new)

    assert str(caught.value) == message


def test_a_source_may_declare_the_zone_of_its_wall_times() -> None:
    spec = shop("lookback: 15m}", "lookback: 15m, timezone: Europe/Berlin}")

    assert spec.source.timezone is not None
    assert spec.source.timezone.key == "Europe/Berlin"
    assert shop().source.timezone is None


def test_an_unknown_zone_of_a_source_is_named_with_the_nearest() -> None:
    with pytest.raises(SpecError, match=r"source\.timezone: .*did you mean 'Europe/Berlin'"):
        shop("lookback: 15m}", "lookback: 15m, timezone: Europe/Berln}")


@pytest.mark.parametrize(
    ("text", "days"),
    [pytest.param("8d", 8), pytest.param("5 weeks", 35), pytest.param("24h", 1)],
)
def test_minutes_are_kept_as_long_as_is_declared(text: str, days: int) -> None:
    declared = shop("timezone:", f"keep_minutes: {text}\n  timezone:")

    assert declared.keep_minutes == timedelta(days=days)


@pytest.mark.parametrize("text", ["0", "0d", "90m", "36 hours", "-1d", "[8d]"])
def test_minutes_are_kept_for_whole_days(text: str) -> None:
    with pytest.raises(SpecError, match=r"keep_minutes: .*(whole days|length of time|must be)"):
        shop("timezone:", f"keep_minutes: {text}\n  timezone:")
