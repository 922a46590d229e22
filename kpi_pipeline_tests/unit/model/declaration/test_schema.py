"""The schema and the parser say the same of every declaration that a schema can judge."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator, Draft202012Validator

import kpi_pipeline
from kpi_pipeline.model.declaration import pipeline, thresholds
from kpi_pipeline.model.declaration.lines import parse_text
from kpi_pipeline.model.declaration.schema.document import SHIPPED, document, schema_text
from kpi_pipeline.model.errors import SpecError
from kpi_pipeline.model.metric import Aggregation
from kpi_pipeline_tests.sales import DECLARATION
from kpi_pipeline_tests.unit.builders import SHOP, shop_text

DEMO = Path(kpi_pipeline.__file__).parent / "defs" / "sales" / "defs.yaml"
COUNT = "orders: {agg: count}"
HOUR = "hour: {window: 60m}"
FRESH = "freshness: {warn_after: 10m}"
LOW = "warn_below: 30"
SOURCE = "source: {table: public.orders, key: id, agg_time_dimension: at, lookback: 15m}"
RATIO = "average: {type: ratio, numerator: revenue, denominator: orders}"

GOOD = (
    ("every: 1m", "every:"),
    ("every: 1m", "every: 90 seconds"),
    ("every: 1m", "every: '  2 h '"),
    ("timezone: America/New_York", ""),
    ("start: 2000-01-01", "start: 2000-01-01T12:00:00+01:00"),
    ("start: 2000-01-01", "start: '2000-01-01 12:00'"),
    ("key: id, ", ""),
    ("key: id", "key: 7"),
    ("table: public.orders", "table: Order Lines"),
    ("lookback: 15m}", "timezone: Europe/Berlin}"),
    (COUNT, "orders: {agg: count}\n    big: {agg: count, expr: amount, filter: amount > 5}"),
    (COUNT, "orders: {type: simple, agg: count, unit: 5}"),
    (COUNT, "orders: {type:, agg: count, expr:, filter:, group_by:}"),
    (COUNT, "orders: {agg: count}\n    mean: {agg: avg, expr: amount}"),
    (COUNT, "orders: {agg: count}\n    some: {agg: count, group_by: a, most_groups: 5}"),
    (COUNT, "orders: {agg: count}\n    some: {agg: count, group_by: [a, b, c, d, e]}"),
    (COUNT, "orders: {agg: count}\n    ones: {agg: sum, expr: 1}"),
    (RATIO, f"{RATIO[:-1]}, unit: USD}}"),
    (HOUR, "hour: {window: 90 days, compare: {offset_window: 2 weeks}}"),
    (HOUR, "hour:"),
    (HOUR, "hour: {window: 60m, grain_to_date:, compare:}"),
    *((HOUR, f"hour: {{grain_to_date: {period}}}") for period in ("hour", "week", "year")),
    (LOW, "below: '30.50'"),
    (LOW, "warn_below: -3e2"),
    (LOW, "above: 1_000"),
    (LOW, "warn_below: 30\n      for: 5m\n      min_count: 0\n      clear_above: 31.5"),
    ("notify: [slack]", "notify: log"),
    ("notify: [slack]", "notify: []"),
    (FRESH, "freshness:"),
    (FRESH, "freshness: {warn_after: 5m, critical_after: 1h, notify: [log, slack]}"),
    (FRESH, "audit: {every: 10m, recent: 48h, daily_at: '03:30', share: 0.25}"),
    (FRESH, "audit: {share: '1'}"),
)
BAD = (
    ("every: 1m", "every: soon"),
    ("every: 1m", "every: 60"),
    ("every: 1m", "every: -1m"),
    ("every: 1m", "every: true"),
    ("every: 1m", "every: [1m]"),
    ("every: 1m", "evry: 1m"),
    ("every: 1m", "every: 1 month"),
    ("start: 2000-01-01", "start: yesterday"),
    ("start: 2000-01-01", "start: 20000101"),
    ("table: public.orders, ", ""),
    ("table: public.orders", "table: a.b.c"),
    ("table: public.orders", "table: ''"),
    ("agg_time_dimension: at, ", ""),
    ("agg_time_dimension: at", "agg_time_dimension: 'a\"b'"),
    ("agg_time_dimension", "time"),
    (SOURCE, "source: public.orders"),
    (COUNT, "orders: {agg: sum}"),
    (COUNT, "orders: {agg: sum, expr:}"),
    (COUNT, "orders: {agg: total, expr: amount}"),
    (COUNT, "orders: {agg: count, groupby: kind}"),
    (COUNT, "orders: {agg: count, most_groups: 5}"),
    (COUNT, "orders: {agg: count, group_by: a, most_groups: 0}"),
    (COUNT, "orders: {agg: count, group_by: a, most_groups: 10001}"),
    (COUNT, "orders: {agg: count, group_by: a, most_groups: many}"),
    (COUNT, "orders: {agg: count, group_by: [a, a]}"),
    (COUNT, "orders: {agg: count, group_by: [a, b, c, d, e, f]}"),
    (COUNT, "orders: {agg: count, group_by: {a: b}}"),
    (COUNT, "orders: {type: simpel, agg: count}"),
    (COUNT, "orders: {type: ratio, agg: count}"),
    (COUNT, "orders: {}"),
    (COUNT, "orders: count"),
    (COUNT, "Orders: {agg: count}"),
    (COUNT, "1orders: {agg: count}"),
    (COUNT, "orders of a day: {agg: count}"),
    (RATIO, "average: {type: ratio, numerator: revenue}"),
    (RATIO, "average: {type: ratio, numerator: revenue, denominator: orders, expr: amount}"),
    (HOUR, "hour: {window: 60m, grain_to_date: day}"),
    (HOUR, "hour: {window: an hour}"),
    (HOUR, "hour: {grain_to_date: decade}"),
    (HOUR, "hour: {compare: {offset_window: 7 days}}"),
    (HOUR, "hour: {window: 60m, compare: {}}"),
    (HOUR, "hour: {window: 60m, compare: 7 days}"),
    (HOUR, "hour: {window: 60m, compare: {offset: 7 days}}"),
    (HOUR, "hour: 60m"),
    (LOW, "warn_below: much"),
    (LOW, "warn_below: true"),
    (LOW, "min_count: 3"),
    (LOW, "clear_above: 3"),
    (LOW, "warn_below:"),
    (LOW, "warn_below: 30\n      min_count: -1"),
    (LOW, "warn_below: 30\n      for: ever"),
    (LOW, "warn_under: 30"),
    ("metric: average", "metrics: average"),
    ("notify: [slack]", "notify: [slak]"),
    ("notify: [slack]", "notify: emall"),
    ("    low:", "    freshness:"),
    (FRESH, "freshness: {warn_after: often}"),
    (FRESH, "freshness: {warn: 5m}"),
    (FRESH, "freshness: 5m"),
    (FRESH, "audit: {daily_at: noon}"),
    (FRESH, "audit: {share: 0}"),
    (FRESH, "audit: {share: 1.5}"),
    (FRESH, "audit: {sometimes: 1}"),
    ("type: kpi_pipeline.KpiPipelineComponent", "type: kpi_pipeline.KpiPipeline"),
    ("type: kpi_pipeline.KpiPipelineComponent", "kind: x"),
    ("attributes:", "extra: 1\nattributes:"),
)
ONLY_THE_PARSER = (
    ("timezone: America/New_York", "timezone: America/New_Yrk"),
    ("numerator: revenue", "numerator: revenu"),
    ("expr: amount, unit", "expr: (SELECT 1), unit"),
    ("metric: average", "metric: averag"),
    ("every: 1m", "every: 29s"),
    (HOUR, "hour: {window: 90s}"),
    (LOW, "warn_below: 30\n      critical_below: 40"),
    (FRESH, "audit: {every: 7m}"),
)
"""What needs another place of the file, a calendar, arithmetic or SQL's grammar."""
PARTS = "metrics: [{name: orders}, {name: orders, alias: b, offset_window: 1 month}]"
COMPOSED = (
    (
        COUNT,
        "orders: {agg: count}\n    users: {agg: count_distinct, expr: user, approximate: true}",
    ),
    (COUNT, "orders: {agg: count}\n    p95: {agg: percentile, expr: amount, percentile: 0.95}"),
    (
        COUNT,
        "orders: {agg: count}\n    p50: {agg: median, expr: a, relative_error: 0.01}",
    ),
    (RATIO, f"{RATIO[:-1]}, different_filters: true, description: a mean}}"),
    (COUNT, "orders: {agg: count}\n    twice: {type: derived, expr: orders * 2}"),
    (
        COUNT,
        f"orders: {{agg: count}}\n    growth: {{type: derived, expr: orders - b, {PARTS}}}",
    ),
    (COUNT, "orders: {agg: count}\n    month: {type: cumulative, metric: orders, window: 28 days}"),
    (
        COUNT,
        "orders: {agg: count}\n    year: {type: cumulative, metric: orders, grain_to_date: year}",
    ),
    (HOUR, "hour: {window: 3 months}"),
    (HOUR, "hour: {window: 60m, compare: {offset_window: 1 year}}"),
)
COMPOSED_BAD = (
    (COUNT, "orders: {agg: percentile, expr: amount}"),
    (COUNT, "orders: {agg: percentile, expr: amount, percentile: 95}"),
    (COUNT, "orders: {agg: median, expr: amount, relative_error: 0}"),
    (COUNT, "orders: {agg: count_distinct, expr: amount, approximate: perhaps}"),
    (COUNT, "orders: {type: derived}"),
    (COUNT, "orders: {type: derived, expr: a, metrics: [{alias: a}]}"),
    (COUNT, "orders: {type: cumulative}"),
    (COUNT, "orders: {type: cumulative, metric: a, window: 7d, grain_to_date: month}"),
    (RATIO, f"{RATIO[:-1]}, different_filters: 1}}"),
)


class PlainDates(yaml.SafeLoader):
    """Reads YAML as an editor does, for which a date is text."""


PlainDates.yaml_implicit_resolvers = {
    first: [pair for pair in pairs if pair[0] != "tag:yaml.org,2002:timestamp"]
    for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def judged(text: str) -> list[str]:
    """What the schema has against a text, in both drafts that it is read in."""
    document_ = yaml.load(text, PlainDates)  # noqa: S506 - a safe loader
    older, newer = (
        sorted(error.message for error in draft(document()).iter_errors(document_))
        for draft in (Draft7Validator, Draft202012Validator)
    )
    assert older == newer
    return older


def parsed(text: str) -> str:
    """What the parser has against a text."""
    try:
        parse_text("shop", text, "defs.yaml")
    except SpecError as error:
        return str(error)
    return ""


def cases(pairs: tuple[tuple[str, str], ...]) -> list[Any]:
    return [pytest.param(old, new, id=new or f"no {old}") for old, new in pairs]


@pytest.mark.parametrize("text", [SHOP, DECLARATION, DEMO.read_text()])
def test_whole_declarations_pass_both(text: str) -> None:
    assert (judged(text), parsed(text)) == ([], "")


@pytest.mark.parametrize(("old", "new"), cases(GOOD + COMPOSED))
def test_what_is_right_passes_both(old: str, new: str) -> None:
    text = shop_text(old, new)

    assert (judged(text), parsed(text)) == ([], "")


@pytest.mark.parametrize(("old", "new"), cases(BAD + COMPOSED_BAD))
def test_what_is_wrong_in_form_is_refused_by_both(old: str, new: str) -> None:
    text = shop_text(old, new)

    assert judged(text)
    assert parsed(text)


@pytest.mark.parametrize(("old", "new"), cases(ONLY_THE_PARSER))
def test_what_is_wrong_in_meaning_is_left_to_the_parser(old: str, new: str) -> None:
    text = shop_text(old, new)

    assert judged(text) == []
    assert parsed(text)


def test_the_shipped_file_is_what_the_command_prints() -> None:
    assert SHIPPED.read_text(encoding="utf-8") == schema_text(), (
        f"run: kpi-pipeline schema --output {SHIPPED}"
    )


def test_the_demo_and_the_readme_name_the_shipped_file() -> None:
    named = re.findall(r"yaml-language-server: \$schema=(\S+)", DEMO.read_text())
    readme = Path(kpi_pipeline.__file__).parents[1] / "README.md"

    assert [(DEMO.parent / name).resolve() for name in named] == [SHIPPED]
    assert re.findall(r"yaml-language-server: \$schema=(\S+)", readme.read_text()) == named


def test_every_key_and_word_of_the_parser_is_in_the_schema() -> None:
    found = document()["properties"]["attributes"]["properties"]
    rule = found["thresholds"]["additionalProperties"]["properties"]

    assert set(pipeline.KEYS) == set(found)
    assert set(thresholds.KEYS) == set(rule)
    assert set(Aggregation) <= set(_enum(document(), "agg"))


def test_every_key_is_described() -> None:
    assert [path for path, node in _keys(document(), ()) if not node.get("description")] == []


def _keys(node: object, path: tuple[str, ...]) -> list[tuple[tuple[str, ...], dict[str, Any]]]:
    """Every declared key, wherever it stands; conditions declare none."""
    found = []
    for keyword, below in node.items() if isinstance(node, dict) else ():
        if keyword == "properties":
            found += [((*path, name), inner) for name, inner in below.items()]
            for name, inner in below.items():
                found += _keys(inner, (*path, name))
        elif keyword in {"additionalProperties", "items", "then", "else"}:
            found += _keys(below, path)
    return found


def _enum(node: object, name: str) -> list[str]:
    return next(list(inner["enum"]) for path, inner in _keys(node, ()) if path[-1] == name)
