"""What alerts did long ago goes away, but for what is open or waits."""

from sqlalchemy import create_engine, text

from kpi_pipeline.store.purge_alerts import KEPT
from kpi_pipeline_tests.sales import DECLARATION, Sales

# Episode 1 is open. Of what ended before: 0 is old, 9 is young, and of 8 an end waits.
EARLIER = """
UPDATE kpi.transition SET at = at - interval '91 days';
UPDATE kpi.outbox SET created_at = created_at - interval '91 days';
UPDATE kpi.episode SET since = since - interval '91 days' WHERE rule = 'milestone';
INSERT INTO kpi.outbox (pipeline_id, key, channel, notice, state, created_at)
SELECT pipeline_id, 'copy ' || number || s.state, channel,
       jsonb_set(notice, '{episode_key}', to_jsonb('sales/milestone/' || number)), s.state,
       now() - age
FROM kpi.outbox o CROSS JOIN (VALUES
  (0, 'sent', interval '92 days'), (0, 'dead', interval '91 days'),
  (0, 'superseded', interval '91 days'), (8, 'sent', interval '92 days'),
  (8, 'pending', interval '91 days'), (9, 'sent', interval '89 days')) AS s(number, state, age)
WHERE o.notice ->> 'episode_key' = 'sales/milestone/1';
INSERT INTO kpi.transition
  (pipeline_id, revision, rule, dims, number, before, after, level, at, reason)
SELECT pipeline_id, revision, rule, dims, number - 1, before, after, level, now() - age, 'copy'
FROM kpi.transition CROSS JOIN (VALUES (interval '92 days'), (interval '89 days')) AS s(age)
WHERE rule = 'milestone'
"""
# Ids grow with time: the young one comes last.
ORDERED = "UPDATE kpi.outbox SET id = DEFAULT WHERE key = 'copy 9sent'"
MESSAGES = "SELECT key FROM kpi.outbox WHERE key LIKE 'copy %' OR key LIKE '%/1/%' ORDER BY key"
LINES = "SELECT reason FROM kpi.transition WHERE rule = 'milestone' ORDER BY at"


def column(sales: Sales, sql: str) -> list[str]:
    return [str(value)[:9] for (value,) in sales.state_rows(sql)]


def test_what_ended_long_ago_goes_and_nothing_that_is_open(sales: Sales) -> None:
    sales.declaration = DECLARATION.replace("[slack]", "[log]")
    sales.sell(2000)
    sales.advance()
    sales.deliver()
    engine = create_engine(sales.state_url)
    with engine.begin() as connection:
        for statement in (*EARLIER.split(";"), ORDERED):
            connection.execute(text(statement))
    engine.dispose()

    gone = sales.parts.store.purge(2), sales.parts.store.purge(100), sales.parts.store.purge(100)

    assert KEPT.days == 90
    assert gone == (2, 2, 0)
    kept = ["copy 8pen", "copy 8sen", "copy 9sen", "sales/mil"]
    assert column(sales, MESSAGES) == kept
    assert column(sales, LINES) == ["2,000.00 ", "copy"]
