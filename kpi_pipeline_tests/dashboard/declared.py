"""What the gallery's pipelines declare."""

from kpi_pipeline.model.declaration.lines import parse_text
from kpi_pipeline.model.spec import PipelineSpec

SHOP = """\
type: kpi_pipeline.KpiPipelineComponent
attributes:
  timezone: America/New_York
  source: {table: public.transactions, key: transaction_id, agg_time_dimension: created_at}
  every: 1m
  start: 2025-01-01
  metrics:
    total_revenue: {agg: sum, expr: amount, unit: USD, description: What customers paid.}
    transaction_count: {agg: count}
    unique_users: {agg: count_distinct, expr: user_id, approximate: true}
    revenue_by_type: {agg: sum, expr: amount, group_by: [transaction_type], unit: USD}
    avg_order_value: {type: ratio, numerator: total_revenue, denominator: transaction_count,
                      unit: USD}
  windows:
    lifetime: {}
    today: {grain_to_date: day, compare: {offset_window: 7 days}}
    last_60m: {window: 60 minutes, compare: {offset_window: 7 days}}
  thresholds:
    aov_low: {metric: avg_order_value, window: last_60m, warn_below: 30, critical_below: 20,
              for: 5m, owner: payments, runbook: "https://runbooks.example.com/aov", notify: [log]}
    milestone: {metric: total_revenue, window: lifetime, above: 1000000000, notify: [log]}
    type_falls: {metric: revenue_by_type, window: today, change: percent, warn_below: -50,
                 notify: [log]}
  freshness: {warn_after: 15m}
"""
ODD = """\
    refunds_in_a_currency_without_cents: {agg: sum, expr: refund, unit: JPY}
    median_wait: {agg: median, expr: wait, unit: s}
    margin: {type: ratio, numerator: total_revenue, denominator: transaction_count, unit: "%"}
    revenue_of_the_last_twenty_eight_days_of_all_that_was_sold:
      {type: cumulative, metric: total_revenue, window: 28 days, unit: USD}
"""


def shop(name: str) -> PipelineSpec:
    """The five KPIs of a shop."""
    return parse_text(name, SHOP, "defs.yaml")


def odd(name: str) -> PipelineSpec:
    """KPIs of other units and kinds besides."""
    return parse_text(name, SHOP.replace("  windows:\n", f"{ODD}  windows:\n"), "defs.yaml")


def many(name: str) -> PipelineSpec:
    """Twenty KPIs besides."""
    more = "".join(f"    kpi_{n:02}: {{agg: sum, expr: amount, unit: USD}}\n" for n in range(20))
    return parse_text(name, SHOP.replace("  windows:\n", f"{more}  windows:\n"), "defs.yaml")
