"""All rules of a pipeline against one snapshot: verdicts, next episodes, messages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from kpi_pipeline.compute.look import Episodes, Look, gone_look, looks_at
from kpi_pipeline.compute.messages import Telling, notice
from kpi_pipeline.compute.silence import silence
from kpi_pipeline.compute.telling import Step, tell
from kpi_pipeline.model.batch import Dims
from kpi_pipeline.model.episode import Episode, Phase, Transition, Verdict
from kpi_pipeline.model.notice import Notice
from kpi_pipeline.model.snapshot import Reading, Snapshot
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.model.surroundings import Surroundings

ALONE = Surroundings()


__all__ = ["ALONE", "Episodes", "Judgement", "judge_all"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """The outcome of one look.

    Attributes:
        notices: Message and channel, each once.
        subjects: What the messages are about, by the key of their episode.
    """

    verdicts: tuple[Verdict, ...]
    episodes: tuple[Episode, ...]
    transitions: tuple[Transition, ...]
    notices: tuple[tuple[str, Notice], ...]
    subjects: Mapping[str, Reading] = field(default_factory=dict)


def judge_all(
    spec: PipelineSpec,
    snapshot: Snapshot,
    known: Episodes,
    around: Surroundings = ALONE,
) -> Judgement:
    """Judge every rule and group, and end the episodes of rules that are gone.

    Args:
        spec: With its rules.
        snapshot: What is judged.
        known: Where every alert stood before.
        around: What was silenced, what the last audit found, and links for the messages.
    """
    looks = looks_at(spec, snapshot, known, around)
    firing = {item.key for item in looks if item.moved.episode.phase is Phase.FIRING}
    steps = [(item, _step(item, spec, snapshot, around, firing)) for item in looks]
    seen = {item.key for item in looks}
    gone = [e for key, e in known.items() if key not in seen and e.phase is not Phase.OK]
    ends = [(item, _end(item, snapshot)) for item in (gone_look(e, snapshot) for e in gone)]
    return _judgement(spec, snapshot, steps, ends, around)


_Steps = Sequence[tuple[Look, Step]]


def _judgement(
    spec: PipelineSpec, snapshot: Snapshot, judged: _Steps, ends: _Steps, around: Surroundings
) -> Judgement:
    both = [*judged, *ends]
    told = [
        (item.reading, step.channels, notice(_telling(spec, item, step), snapshot, around.links))
        for item, step in both
        if step.kind is not None
    ]
    return Judgement(
        verdicts=tuple(_standing(item.verdict, step.episode.phase) for item, step in judged),
        episodes=tuple(step.episode for _, step in both),
        transitions=tuple(step.transition for _, step in both if step.transition),
        notices=tuple((channel, said) for _, channels, said in told for channel in channels),
        subjects={said.episode_key: reading for reading, _, said in told},
    )


def _standing(verdict: Verdict, phase: Phase) -> Verdict:
    return verdict if verdict.phase is phase else replace(verdict, phase=phase)


def _telling(spec: PipelineSpec, item: Look, step: Step) -> Telling:
    window = spec.windows.get(item.rule.window)
    return Telling(
        rule=item.rule,
        before=item.moved.before,
        step=step,
        verdict=item.verdict,
        reading=item.reading,
        offset=window.offset if window else None,
        zone=spec.timezone,
    )


def _step(
    item: Look,
    spec: PipelineSpec,
    snapshot: Snapshot,
    around: Surroundings,
    firing: set[tuple[str, Dims]],
) -> Step:
    why = ""
    if item.moved.episode.phase is Phase.FIRING:
        why = silence(item.rule, item.reading, spec, snapshot, around, firing)
    return tell(item.rule, item.moved, item.verdict, snapshot.as_of, why)


def _end(item: Look, snapshot: Snapshot) -> Step:
    return tell(item.rule, item.moved, item.verdict, snapshot.as_of, "")
