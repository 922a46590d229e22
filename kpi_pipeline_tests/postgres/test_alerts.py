"""Alerts on the real state database: mutes, acknowledgements and folds at the same time."""

from dataclasses import replace
from datetime import timedelta
from threading import Thread

from sqlalchemy import text

from kpi_pipeline.model.batch import Detection
from kpi_pipeline.model.episode import Episode, Mute
from kpi_pipeline.model.live import Tick, TickKind
from kpi_pipeline.model.notice import NoticeKind
from kpi_pipeline.pipeline.failures import note_success
from kpi_pipeline.ports.desk import Desk
from kpi_pipeline.ports.source import Source
from kpi_pipeline.store.alerts import save_episodes
from kpi_pipeline_tests.sales import DECLARATION, Sales

MANY = DECLARATION.replace(
    "above: 1000, notify: [slack]}",
    """above: 1000, critical_above: 5000, notify: [log], repeat: 1m}
    kinds: {metric: revenue_by_type, window: lifetime, below: 10, notify: [log]}
  audit: {notify: log}""",
)
HOUR = timedelta(hours=1)


class Behind:
    """A source whose clock is three hours behind."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.aggregate, self.extent = source.aggregate, source.extent
        self.inspect, self.close = source.inspect, source.close

    def detect(self, position: str | None, *, sweep: bool = False) -> Detection:
        """What the source finds, dated by the clock that is behind."""
        found = self._source.detect(position, sweep=sweep)
        return replace(found, as_of=found.as_of - 3 * HOUR)


def desk(sales: Sales) -> Desk:
    return sales.parts.store.desk()


def log(sales: Sales, rule: str = "milestone") -> list[tuple[str, str, str]]:
    """What happened to a rule: phase, reason and why nobody was told, oldest first."""
    now = desk(sales).now()
    _, found = desk(sales).transitions(now - timedelta(days=1), [rule], 50)
    return [(item.after.value, item.reason, item.suppressed) for item in reversed(found)]


def queued(sales: Sales) -> list[object]:
    return [key for (key,) in sales.state_rows("SELECT key FROM kpi.outbox ORDER BY id")]


def standing(sales: Sales) -> Episode:
    (episode,) = (e for e in desk(sales).episodes() if e.rule == "milestone")
    return episode


def mute(sales: Sales, rule: str, length: timedelta) -> None:
    desk(sales).mute(Mute(rule=rule, until=desk(sales).now() + length, why="a test", by="kim"))


def age(sales: Sales, **columns: str) -> None:
    """Make every episode older, as if time had passed."""
    for column, length in columns.items():
        with sales.parts.store.engine.begin() as connection:  # type: ignore[attr-defined]
            shift = "UPDATE kpi.episode SET {0} = {0} - CAST(:length AS interval)"
            connection.execute(text(shift.format(column)), {"length": length})


def test_a_rule_that_is_muted_says_nothing_until_the_mute_ends(sales: Sales) -> None:
    sales.declaration = MANY
    sales.advance()
    mute(sales, "milestone", HOUR)
    sales.sell(2000)
    sales.advance()

    assert [line[2][:11] for line in log(sales)] == ["muted until"]
    assert "sales/milestone/1/fire/warn" not in queued(sales)
    assert not sales.peek().due

    assert desk(sales).unmute("milestone")
    assert "alert state changes: milestone" in sales.peek().reason
    sales.advance()

    assert "sales/milestone/1/fire/warn" in queued(sales)
    assert log(sales)[-1] == ("firing", "2,000.00 > 1,000.00, told only now", "")


def test_reminders_come_on_idle_ticks_until_somebody_acknowledges(sales: Sales) -> None:
    sales.declaration = MANY
    sales.sell(2000)
    sales.advance()
    sales.deliver()
    assert not sales.peek().due
    age(sales, notified_at="1 minute")
    assert "alert state changes: milestone" in sales.peek().reason
    sales.advance()
    assert queued(sales)[-1] == "sales/milestone/1/remind/warn/1"

    sales.deliver()
    assert desk(sales).acknowledge(standing(sales), "acknowledged by kim")
    assert not desk(sales).acknowledge(standing(sales), "again")
    age(sales, notified_at="1 hour")
    assert not sales.peek().due

    sales.sell(9000)
    sales.advance()
    assert queued(sales)[-1] == "sales/milestone/1/escalate/critical"
    (episode,) = (e for e in desk(sales).episodes() if e.rule == "milestone")
    assert (episode.acknowledged, episode.number) == (None, 1)
    assert [line[1] for line in log(sales)] == [
        "2,000.00 > 1,000.00",
        "2,000.00 > 1,000.00, reminder 1",
        "acknowledged by kim",
        "11,000.00 > 5,000.00, rose to critical",
    ]


def test_who_was_told_hears_that_somebody_took_it(sales: Sales) -> None:
    channels = "[pagerduty:night, slack, email, log]"
    sales.declaration = MANY.replace("notify: [log], repeat", f"notify: {channels}, repeat")
    sales.sell(2000)
    sales.advance()
    assert desk(sales).acknowledge(standing(sales), "acknowledged by kim")

    entries = sales.parts.outbox.entries(HOUR, ())
    heard = [(e.channel, e.notice) for e in entries if e.notice.kind is NoticeKind.ACKNOWLEDGE]

    assert [channel for channel, _ in heard] == ["pagerduty:night", "slack"]
    fired = next(e.notice for e in entries if e.notice.kind is NoticeKind.FIRE)
    assert {notice.episode_key for _, notice in heard} == {fired.episode_key}
    assert heard[0][1].text == "milestone: acknowledged by kim"


def test_what_must_last_is_waited_for_anew_once_after_a_clock_was_set_back(sales: Sales) -> None:
    sales.declaration = MANY
    sales.sell(2000)
    sales.advance()
    sales.deliver()
    age(sales, notified_at="-1 day")

    assert "alert state changes: milestone" in sales.peek().reason
    sales.advance()
    assert not sales.peek().due

    age(sales, notified_at="1 minute")
    sales.advance()
    assert queued(sales)[-1] == "sales/milestone/1/remind/warn/1"


def test_reminders_of_what_an_earlier_release_told_begin_on_idle_ticks(sales: Sales) -> None:
    sales.declaration = MANY
    sales.sell(2000)
    sales.advance()
    sales.deliver()
    with sales.parts.store.engine.begin() as connection:  # type: ignore[attr-defined]
        connection.execute(text("UPDATE kpi.episode SET notified_at = NULL"))

    assert "alert state changes: milestone" in sales.peek().reason
    sales.advance()

    assert standing(sales).notified_at is not None
    assert not sales.peek().due


def test_a_message_carries_the_last_day_of_its_value(sales: Sales) -> None:
    sales.declaration = MANY
    sales.sell(400, at=sales.one("SELECT now() - interval '10 hours'"))  # type: ignore[arg-type]
    sales.sell(2000)
    sales.advance()

    ((trend, links),) = sales.state_rows(
        "SELECT notice ->> 'trend', notice ->> 'links' FROM kpi.outbox WHERE key LIKE '%milestone%'"
    )

    assert (len(str(trend)), str(trend)[0], str(trend)[-1]) == (24, "▁", "█")
    assert links == "[]"


def test_links_that_are_known_are_in_every_message(sales: Sales) -> None:
    sales.declaration = MANY
    sales.parts.store.links = (("Run", "https://dagster.example.com/runs/1"),)
    sales.sell(2000)
    sales.advance()

    ((links,),) = sales.state_rows(
        "SELECT notice -> 'links' FROM kpi.outbox WHERE key LIKE '%milestone%'"
    )

    assert links == [["Run", "https://dagster.example.com/runs/1"]]


def taken(sales: Sales) -> bool:
    return standing(sales).acknowledged is not None


def test_an_acknowledgement_during_a_fold_waits_for_it_and_is_not_lost(sales: Sales) -> None:
    sales.declaration = MANY
    sales.sell(2000)
    sales.advance()
    store = sales.parts.store
    ack = Thread(target=desk(sales).acknowledge, args=(standing(sales), "acknowledged"))
    with store.begin(store.load()) as unit:
        before = unit.episodes()["milestone", ()]
        ack.start()
        ack.join(0.5)
        save_episodes(unit.connection, unit.id, [replace(before, reminders=7)])  # type: ignore[attr-defined]
        assert ack.is_alive()
    ack.join()

    assert taken(sales)


def test_a_good_look_is_written_down_while_a_step_is_being_committed(sales: Sales) -> None:
    sales.advance()
    parts = sales.parts
    with parts.store.begin(parts.store.load()):
        note = Thread(
            target=note_success,
            args=(parts.pulse, parts.spec, Tick(kind=TickKind.LOOK, reason="a look")),
        )
        note.start()
        note.join(5)
        assert not note.is_alive()

    assert sales.state_rows("SELECT reason FROM kpi.tick") == [("a look",)]


def test_nobody_takes_what_became_worse_or_another_episode_while_they_waited(sales: Sales) -> None:
    sales.declaration = MANY
    sales.sell(2000)
    sales.advance()
    seen = standing(sales)
    sales.sell(9000)
    sales.advance()

    assert not desk(sales).acknowledge(seen, "acknowledged")
    assert not desk(sales).acknowledge(replace(standing(sales), number=2), "acknowledged")
    assert not taken(sales)


def test_a_fold_that_read_before_an_acknowledgement_does_not_undo_it(sales: Sales) -> None:
    sales.declaration = MANY
    sales.sell(2000)
    sales.advance()
    store = sales.parts.store
    with store.read() as unit:
        before = unit.episodes()["milestone", ()]
    desk(sales).acknowledge(standing(sales), "acknowledged")
    with store.begin(store.load()) as unit:
        save_episodes(unit.connection, unit.id, [replace(before, reminders=7)])  # type: ignore[attr-defined]

    assert taken(sales)


def test_an_audit_that_finds_drift_alerts_at_the_next_tick(sales: Sales) -> None:
    sales.declaration = MANY
    sales.sell(20)
    sales.advance()
    with sales.parts.store.engine.begin() as connection:  # type: ignore[attr-defined]
        connection.execute(text("UPDATE kpi.partial SET total = total + 1 WHERE grain = 'm'"))
    sales.audit()

    assert "source_drift" in sales.peek().reason
    sales.advance()

    assert "sales/source_drift/1/fire/warn" in queued(sales)


def test_a_source_whose_clock_is_hours_behind_still_tells_and_the_run_says_so(sales: Sales) -> None:
    sales.sell(2000, at=desk(sales).now() - 5 * HOUR)
    sales.parts = replace(sales.parts, source=Behind(sales.parts.source))
    report = sales.advance().report

    assert "sales/milestone/1/fire/warn" in queued(sales)
    assert report is not None
    assert any("behind the state database's" in line for line in report.warnings)
