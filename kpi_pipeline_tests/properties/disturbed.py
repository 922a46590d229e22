"""Random histories of one rule, and how each look of them is disturbed."""

from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from enum import StrEnum

from hypothesis import strategies as st

from kpi_pipeline.compute.judgement import Episodes, Judgement, judge_all
from kpi_pipeline.model.episode import Episode, Mute, Transition
from kpi_pipeline.model.moment import MINUTE
from kpi_pipeline.model.snapshot import Snapshot
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.model.surroundings import Surroundings
from kpi_pipeline.model.threshold import Active
from kpi_pipeline_tests.unit.builders import AS_OF, reading, shop, snapshot

SPEC = shop(
    "warn_below: 30",
    """critical_below: 20
      warn_below: 30
      clear_above: 35""",
)


class Fate(StrEnum):
    """What becomes of the run that makes a look."""

    WELL = "well"
    CRASHES = "crashes before its commit, and is tried again"
    UNHEARD = "commits, but nobody hears of it, and so it is run again"
    OVERTAKEN = "is run again by a process that read the state before it"


@dataclass(frozen=True, slots=True)
class Look:
    """One look, so many minutes after the one before."""

    minutes: int
    value: str | None
    muted: bool
    refolding: bool
    fate: Fate


looks = st.builds(
    Look,
    st.integers(1, 40),
    st.none() | st.sampled_from(["10", "25", "32", "40", "NaN"]),
    st.booleans(),
    st.booleans(),
    st.sampled_from(Fate),
)
histories = st.lists(looks, max_size=25)
rules = st.builds(
    replace,
    st.just(SPEC.thresholds["low"]),
    lasting=st.sampled_from([timedelta(0), timedelta(minutes=30)]),
    keep_firing=st.sampled_from([timedelta(0), timedelta(minutes=20)]),
    stale_for=st.sampled_from([None, timedelta(minutes=45)]),
    repeat=st.sampled_from([None, timedelta(hours=1)]),
    active=st.sampled_from([None, Active(start=time(8), end=time(9))]),
    notify_critical=st.sampled_from([(), ("log",)]),
)
specs = rules.map(lambda rule: replace(SPEC, thresholds={"low": rule}))


def shown(look: Look, as_of: datetime) -> tuple[Snapshot, Surroundings]:
    """What one look finds."""
    found = replace(reading(look.value), refolding=look.refolding)
    mutes = (Mute(rule="low", until=as_of + MINUTE),) if look.muted else ()
    return snapshot(found, as_of=as_of), Surroundings(mutes=mutes)


@dataclass(frozen=True, slots=True)
class Record:
    """What is left of a history.

    Attributes:
        told: Key and channel of every message, in order.
    """

    episodes: frozenset[Episode]
    log: tuple[Transition, ...]
    told: tuple[tuple[str, str], ...]


def recorded(episodes: Episodes, log: list[Transition], told: list[tuple[str, str]]) -> Record:
    """Without how many looks there were, which a run that is repeated changes."""
    plain = frozenset(replace(episode, looks=0) for episode in episodes.values())
    return Record(plain, tuple(log), tuple(dict.fromkeys(told)))


def undisturbed(spec: PipelineSpec, history: list[Look]) -> Record:
    """The record of the history where every run went well."""
    episodes: Episodes = {}
    log: list[Transition] = []
    told: list[tuple[str, str]] = []
    as_of = AS_OF
    for look in history:
        as_of += look.minutes * MINUTE
        judgement = judge_all(spec, *_args(look, as_of, episodes))
        episodes = known(judgement)
        log += judgement.transitions
        told += messages(judgement)
    return recorded(episodes, log, told)


def _args(
    look: Look, as_of: datetime, episodes: Episodes
) -> tuple[Snapshot, Episodes, Surroundings]:
    found, around = shown(look, as_of)
    return found, episodes, around


def known(judgement: Judgement) -> Episodes:
    """Where every alert stands after a judgement."""
    return {(item.rule, item.dims): item for item in judgement.episodes}


def messages(judgement: Judgement) -> list[tuple[str, str]]:
    """Key and channel of every message of a judgement."""
    return [(notice.key, channel) for channel, notice in judgement.notices]
