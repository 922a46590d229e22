"""All rules of a pipeline against one snapshot: verdicts, next episodes, messages."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from kpi_pipeline.compute.episodes import Step, retire, step
from kpi_pipeline.compute.freshness import NAME, freshness_reading, rules_of
from kpi_pipeline.compute.judge import judge
from kpi_pipeline.compute.messages import notice
from kpi_pipeline.model.batch import Dims
from kpi_pipeline.model.episode import Episode, Evidence, Phase, Transition, Verdict
from kpi_pipeline.model.group import is_other
from kpi_pipeline.model.notice import Level, Notice, NoticeKind
from kpi_pipeline.model.snapshot import Reading, Snapshot
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.model.threshold import Threshold

Episodes = Mapping[tuple[str, Dims], Episode]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """The outcome of one look.

    Attributes:
        notices: Message and channel, each once.
    """

    verdicts: tuple[Verdict, ...]
    episodes: tuple[Episode, ...]
    transitions: tuple[Transition, ...]
    notices: tuple[tuple[str, Notice], ...]


def judge_all(spec: PipelineSpec, snapshot: Snapshot, known: Episodes) -> Judgement:
    """Judge every rule and group, and end the episodes of rules that are gone."""
    rules = rules_of(spec)
    judged = [
        _judge_one(rule, reading, known, snapshot)
        for rule in rules
        for reading in _readings(spec, rule, snapshot, known)
    ]
    seen = {(outcome.rule.name, outcome.verdict.dims) for outcome in judged}
    gone = [e for key, e in known.items() if key not in seen and e.phase is not Phase.OK]
    outcomes = [*judged, *(_retire_one(episode, snapshot) for episode in gone)]
    steps = [outcome.step for outcome in outcomes]
    return Judgement(
        verdicts=tuple(outcome.verdict for outcome in judged),
        episodes=tuple(item.episode for item in steps),
        transitions=tuple(item.transition for item in steps if item.transition),
        notices=tuple(pair for outcome in outcomes for pair in outcome.notices(snapshot)),
    )


@dataclass(frozen=True, slots=True)
class _Outcome:
    rule: Threshold
    before: Episode
    verdict: Verdict
    step: Step

    def notices(self, snapshot: Snapshot) -> Iterator[tuple[str, Notice]]:
        if self.step.kind is not None:
            message = notice(self.rule, self.before, self.step, self.verdict, snapshot)
            told = self.before.told if self.step.kind is NoticeKind.RESOLVE else self.rule.notify
            yield from ((channel, message) for channel in told)


def _judge_one(rule: Threshold, reading: Reading, known: Episodes, snapshot: Snapshot) -> _Outcome:
    fresh = Episode(rule=rule.name, dims=reading.dims, definition=rule.definition)
    before = known.get((rule.name, reading.dims), fresh)
    verdict = judge(rule, reading)
    after = step(rule, before, verdict, snapshot.as_of)
    return _Outcome(rule, before, replace(verdict, phase=after.episode.phase), after)


def _retire_one(episode: Episode, snapshot: Snapshot) -> _Outcome:
    """Its rule is gone, or its metric is grouped by something else now."""
    rule = Threshold(name=episode.rule, metric=episode.rule, window="")
    verdict = Verdict(
        rule=episode.rule,
        dims=episode.dims,
        evidence=Evidence.MISSING,
        level=Level.NONE,
        value=None,
        bound=None,
        reason="the rule was deleted",
    )
    return _Outcome(rule, episode, verdict, retire(episode, snapshot.as_of))


def _readings(
    spec: PipelineSpec, rule: Threshold, snapshot: Snapshot, known: Episodes
) -> tuple[Reading, ...]:
    if rule.name == NAME:
        return (freshness_reading(snapshot.watermark, snapshot.as_of),)
    # What all others make together is no group: how many they are changes with the cap.
    found = tuple(r for r in snapshot.find(rule.metric, rule.window) if not is_other(r.dims))
    present = {reading.dims for reading in found}
    alerting = [
        episode.dims
        for episode in known.values()
        if episode.rule == rule.name and episode.phase is not Phase.OK
    ]
    absent = [dims for dims in alerting if dims not in present and not is_other(dims)]
    return (*found, *_without_rows(spec, rule, absent, snapshot))


def _without_rows(
    spec: PipelineSpec, rule: Threshold, groups: Sequence[Dims], snapshot: Snapshot
) -> Iterator[Reading]:
    """Readings of groups that have no row in the rule's window any more; midnight does that.

    Groups of another number of columns than the metric has now are passed over.
    """
    columns = len(spec.metrics[rule.metric].group_by)
    place = (rule.metric, rule.window)
    nobody = [item for item in snapshot.absent if (item.metric, item.window) == place]
    for item in nobody:
        yield from (replace(item, dims=dims) for dims in groups if len(dims) == columns)
