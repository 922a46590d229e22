"""One rule against one reading: the verdict, and where the alert moves by it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from kpi_pipeline.compute.episodes import DELETED, Move, move, retire
from kpi_pipeline.compute.freshness import freshness_reading
from kpi_pipeline.compute.judge import judge, judge_no_data
from kpi_pipeline.compute.rules import is_no_data, mildest, rules_of
from kpi_pipeline.compute.seen import readings_of
from kpi_pipeline.model.batch import Dims
from kpi_pipeline.model.episode import Episode, Evidence, Verdict
from kpi_pipeline.model.notice import Level
from kpi_pipeline.model.snapshot import Reading, Snapshot
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.model.surroundings import Surroundings
from kpi_pipeline.model.threshold import FRESHNESS, SOURCE_DRIFT, Threshold

Episodes = Mapping[tuple[str, Dims], Episode]


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen of one rule and group."""

    rule: Threshold
    reading: Reading
    verdict: Verdict
    moved: Move

    @property
    def key(self) -> tuple[str, Dims]:
        """Of the alert."""
        return self.rule.name, self.verdict.dims


def looks_at(
    spec: PipelineSpec, snapshot: Snapshot, known: Episodes, around: Surroundings
) -> list[Look]:
    """Every rule and group of a pipeline, held against a snapshot."""
    own: dict[str, list[Episode]] = {}
    for episode in known.values():
        own.setdefault(episode.rule, []).append(episode)
    return [
        _look(rule, reading, known, snapshot)
        for rule in rules_of(spec)
        for reading in _readings(spec, rule, snapshot, own.get(rule.name, []), around)
    ]


def _look(rule: Threshold, reading: Reading, known: Episodes, snapshot: Snapshot) -> Look:
    fresh = Episode(rule=rule.name, dims=reading.dims, definition=rule.definition)
    before = known.get((rule.name, reading.dims), fresh)
    verdict = _verdict(rule, reading, before)
    return Look(rule, reading, verdict, move(rule, before, verdict, snapshot.as_of))


def _verdict(rule: Threshold, reading: Reading, before: Episode) -> Verdict:
    if is_no_data(rule):
        return judge_no_data(rule, reading, mildest(rule))
    frozen = None if rule.is_edited(before.definition) else before.baseline
    found = judge(rule, reading, frozen)
    ends = found.evidence is Evidence.CLEAR and before.was_told
    if reading.refolding and (ends or found.evidence is Evidence.BREACH):
        # Half of a history may look healthy, or worse than it ever was: an end that is told is
        # not taken back, and a level that was never reached would be told when all is folded.
        reason = f"{found.reason}, but history is being folded again"
        return replace(found, evidence=Evidence.MISSING, level=Level.NONE, reason=reason)
    return found


def _readings(
    spec: PipelineSpec,
    rule: Threshold,
    snapshot: Snapshot,
    own: Sequence[Episode],
    around: Surroundings,
) -> tuple[Reading, ...]:
    if rule.name == FRESHNESS:
        return (freshness_reading(snapshot.watermark, snapshot.as_of),)
    if rule.name == SOURCE_DRIFT:
        age = freshness_reading(snapshot.watermark, snapshot.as_of)
        found = None if around.drifted is None else Decimal(around.drifted)
        return (replace(age, metric=rule.metric, window=rule.window, value=found, unit=None),)
    return readings_of(spec, rule, snapshot, own)


def gone_look(episode: Episode, snapshot: Snapshot) -> Look:
    """Its rule is gone, or its metric is grouped by something else now."""
    rule = Threshold(name=episode.rule, metric=episode.rule, window="")
    verdict = Verdict(
        rule=episode.rule,
        dims=episode.dims,
        evidence=Evidence.MISSING,
        level=Level.NONE,
        value=None,
        bound=None,
        reason=DELETED,
    )
    reading = replace(freshness_reading(None, snapshot.as_of), dims=episode.dims)
    return Look(rule, reading, verdict, retire(episode, snapshot.as_of))
