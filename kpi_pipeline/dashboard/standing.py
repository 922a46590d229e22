"""What the rules say of each reading: the worst of those that watch it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from kpi_pipeline.compute.rules import is_no_data, rules_of
from kpi_pipeline.dashboard.shapes import State
from kpi_pipeline.model.batch import Dims
from kpi_pipeline.model.episode import Episode, Evidence, Phase, Verdict
from kpi_pipeline.model.group import is_other
from kpi_pipeline.model.live import Live
from kpi_pipeline.model.notice import Level
from kpi_pipeline.model.snapshot import Reading
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.model.threshold import Threshold

WORST: tuple[State, ...] = ("critical", "warn", "pending", "unknown", "ok", "none")
FIRES: Mapping[Level, State] = {Level.CRITICAL: "critical", Level.WARN: "warn"}


@dataclass(frozen=True, slots=True)
class Standing:
    """Rules by what they watch, and what was found of each."""

    rules: Mapping[tuple[str, str], tuple[Threshold, ...]]
    verdicts: Mapping[tuple[str, Dims], Verdict]
    episodes: Mapping[tuple[str, Dims], Episode]

    @classmethod
    def of(cls, spec: PipelineSpec, live: Live) -> Self:
        """As of the last commit."""
        rules: dict[tuple[str, str], tuple[Threshold, ...]] = {}
        for rule in rules_of(spec):
            watched = (rule.metric, rule.window)
            rules[watched] = (*rules.get(watched, ()), rule)
        return cls(
            rules=rules,
            verdicts={(item.rule, item.dims): item for item in live.verdicts},
            episodes={(item.rule, item.dims): item for item in live.episodes},
        )

    def state(self, reading: Reading) -> State:
        """The worst that the rules say; what is not known is never said to be good."""
        rules = self.rules.get((reading.metric, reading.window), ())
        if not rules or is_other(reading.dims):
            return "none"  # no rule judges what is summed in (other)
        found = {self._of(rule, reading) for rule in rules}
        return next(state for state in WORST if state in found)

    def _of(self, rule: Threshold, reading: Reading) -> State:
        key = (rule.name, reading.dims)
        episode, verdict = self.episodes.get(key), self.verdicts.get(key)
        if episode is not None and episode.phase is Phase.FIRING:
            return FIRES.get(episode.level, "warn")
        if episode is not None and episode.phase is Phase.PENDING:
            return "pending"
        if is_no_data(rule) and verdict is None:
            return "none"  # it is judged only where values are missing
        unknown = verdict is None or verdict.evidence is Evidence.MISSING or reading.value is None
        return "unknown" if unknown or reading.building else "ok"
