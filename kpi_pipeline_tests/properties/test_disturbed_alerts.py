"""Crashes, retries and stale re-runs give the same episodes as an undisturbed run."""

from dataclasses import dataclass, field

from hypothesis import given

from kpi_pipeline.compute.judgement import Episodes, judge_all
from kpi_pipeline.model.episode import Transition
from kpi_pipeline.model.moment import MINUTE
from kpi_pipeline.model.snapshot import Snapshot
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.model.surroundings import Surroundings
from kpi_pipeline_tests.properties.disturbed import (
    Fate,
    Look,
    Record,
    histories,
    known,
    messages,
    recorded,
    shown,
    specs,
    undisturbed,
)
from kpi_pipeline_tests.unit.builders import AS_OF


@dataclass
class Books:
    """The state as a database keeps it: a commit names the revision that it builds on."""

    spec: PipelineSpec
    revision: int = 0
    episodes: Episodes = field(default_factory=dict)
    log: list[Transition] = field(default_factory=list)
    told: list[tuple[str, str]] = field(default_factory=list)

    def run(
        self, found: Snapshot, around: Surroundings, *, read: tuple[int, Episodes], commit: bool
    ) -> None:
        """One run: judge upon what was read, and commit if nobody else has."""
        revision, episodes = read
        judgement = judge_all(self.spec, found, episodes, around)
        if commit and revision == self.revision:
            self.revision += 1
            self.episodes = known(judgement)
            self.log += judgement.transitions
            self.told += messages(judgement)

    def look(self, look: Look, found: Snapshot, around: Surroundings) -> None:
        """One look with whatever becomes of its run."""
        before = (self.revision, self.episodes)
        if look.fate is Fate.CRASHES:
            self.run(found, around, read=before, commit=False)
        self.run(found, around, read=before, commit=True)
        if look.fate is Fate.UNHEARD:
            self.run(found, around, read=(self.revision, self.episodes), commit=True)
        if look.fate is Fate.OVERTAKEN:
            self.run(found, around, read=before, commit=True)


def disturbed(spec: PipelineSpec, history: list[Look]) -> Record:
    books, as_of = Books(spec), AS_OF
    for look in history:
        as_of += look.minutes * MINUTE
        books.look(look, *shown(look, as_of))
    return recorded(books.episodes, books.log, books.told)


@given(specs, histories)
def test_whatever_becomes_of_runs_the_episodes_are_the_same(
    spec: PipelineSpec, history: list[Look]
) -> None:
    assert undisturbed(spec, history) == disturbed(spec, history)


@given(specs, histories)
def test_nothing_is_said_twice_and_nothing_ends_that_nobody_heard_of(
    spec: PipelineSpec, history: list[Look]
) -> None:
    told = undisturbed(spec, history).told

    assert len(told) == len(set(told))
    for key, channel in told:
        episode, kind = key.rsplit("/", 2)[0], key.rsplit("/", 2)[1]
        if kind == "resolve":
            began = [k for k, c in told if c == channel and k.startswith(f"{episode}/fire")]
            rose = [k for k, c in told if c == channel and k.startswith(f"{episode}/escalate")]
            assert began or rose


@given(specs, histories)
def test_a_line_of_the_log_says_who_was_told_or_why_nobody_was(
    spec: PipelineSpec, history: list[Look]
) -> None:
    """Every message has a line that is not suppressed."""
    record = undisturbed(spec, history)
    spoken = [item for item in record.log if not item.suppressed]

    assert len({key for key, _ in record.told}) <= len(spoken)
