"""Replay: when rules would have fired over what the state holds; writes and sends nothing."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from kpi_pipeline.compute.judgement import Episodes, judge_all
from kpi_pipeline.compute.past import Past, moments
from kpi_pipeline.compute.retention import retention
from kpi_pipeline.compute.snapshot import Pair, pairs_of
from kpi_pipeline.compute.spells import Spell, spells
from kpi_pipeline.model.episode import Transition
from kpi_pipeline.model.errors import StateError
from kpi_pipeline.model.moment import MINUTE, floor_minute
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.model.threshold import FRESHNESS, SOURCE_DRIFT, Against
from kpi_pipeline.ports.store import Store

FRESH_ENOUGH = timedelta(days=36500)
STEPS = 500
"""Looks between two reports of progress."""
MOST_LOOKS = 5000
STEPS_IN_MINUTES = (2, 3, 5, 10, 15, 30, 60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """What would have happened.

    Attributes:
        since, until: What was replayed.
        minutes_from: Where minutes begin; before, only the ends of days could be looked at.
        every: From one look to the next, where minutes are kept.
        looks: How many moments were judged.
        told: How many messages would have been sent.
    """

    since: datetime
    until: datetime
    minutes_from: datetime
    every: timedelta
    looks: int
    told: int
    spells: tuple[Spell, ...]
    transitions: tuple[Transition, ...]


def replay(
    spec: PipelineSpec,
    store: Store,
    length: timedelta,
    *,
    every: timedelta | None = None,
    progress: Callable[[int, int], None] = lambda _, __: None,
) -> Replay:
    """Judge the rules at each moment of the past, as the data are known now.

    Args:
        spec: With the rules to try; what they look at must have been folded.
        store: With the history.
        length: How far back.
        every: How often to look where minutes are kept. By default as often as the pipeline does,
            or less often where that would be more than some thousand looks.
        progress: Told how many looks of how many are done.

    Raises:
        StateError: Nothing was folded yet.
    """
    past, until = _past(spec, store)
    since = max(until - length, past.history_from or until)
    step = every or coarse_step(spec.every, until - max(since, past.minutes_from))
    step = max(step - step % MINUTE, MINUTE)
    when = list(moments(past, since, until, step))
    pairs = _pairs(spec)
    known: Episodes = {}
    log: list[Transition] = []
    told = set[tuple[str, str]]()
    for place, as_of in enumerate(when):
        judgement = judge_all(spec, past.snapshot(pairs, as_of), known)
        known = {(item.rule, item.dims): item for item in judgement.episodes}
        log += judgement.transitions
        told |= {(notice.key, channel) for channel, notice in judgement.notices}
        if place % STEPS == 0:
            progress(place, len(when))
    progress(len(when), len(when))
    return Replay(
        since=since,
        until=until,
        minutes_from=past.minutes_from,
        every=step,
        looks=len(when),
        told=len(told),
        spells=tuple(spells(log)),
        transitions=tuple(log),
    )


def not_replayed(spec: PipelineSpec) -> tuple[str, ...]:
    """Rules that cannot be: nobody kept when rows came, and what each audit found."""
    return (FRESHNESS, SOURCE_DRIFT) if spec.audit.notify else (FRESHNESS,)


def coarse_step(every: timedelta, length: timedelta) -> timedelta:
    """The pipeline's own step, or the first longer one that needs no more than `MOST_LOOKS`."""
    longer = (minutes * MINUTE for minutes in STEPS_IN_MINUTES)
    steps = (every, *(step for step in longer if step > every))
    return next((step for step in steps if length / step <= MOST_LOOKS), steps[-1])


def _pairs(spec: PipelineSpec) -> tuple[Pair, ...]:
    rules = spec.thresholds.values()
    wanted = {(rule.metric, rule.window) for rule in rules}
    changes = {(r.metric, r.window) for r in rules if r.against is not Against.VALUE}
    return pairs_of(spec, wanted, changes)


def _past(spec: PipelineSpec, store: Store) -> tuple[Past, datetime]:
    state = store.load()
    if state.as_of is None:
        raise StateError("nothing was folded yet, so there is nothing to replay; run `advance`")
    until = floor_minute(state.as_of)
    kept = retention(spec, state.as_of).minutes_from
    minutes_from = max(kept, state.minutes_from or kept)
    pairs = _pairs(spec)
    leaves = {leaf.metric for pair in pairs for leaf in (*pair.leaves, *pair.leaves_before)}
    wanted = {name: text for name, text in spec.definitions.items() if name in leaves}
    with store.read() as unit:
        buckets = unit.past(wanted, minutes_from, until + MINUTE)
    starts = [series[0].start for series in buckets.values() if series]
    oldest = min((*starts, *filter(None, [state.history_from])), default=None)
    past = Past(spec=spec, buckets=buckets, minutes_from=minutes_from, history_from=oldest)
    return past, until


def only_rules(spec: PipelineSpec) -> PipelineSpec:
    """The pipeline with a freshness that never fires: when rows came is not known any more."""
    never = replace(spec.freshness, warn_after=FRESH_ENOUGH, critical_after=None)
    return replace(spec, freshness=never)
