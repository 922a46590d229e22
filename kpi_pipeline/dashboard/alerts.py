"""Open episodes, mutes and the log of alerts as the API gives them."""

from collections.abc import Mapping
from dataclasses import dataclass

from kpi_pipeline.compute.rules import rules_of
from kpi_pipeline.compute.told import told_of
from kpi_pipeline.dashboard.away import plainly
from kpi_pipeline.dashboard.plain import group, moment, moment_or_none, number
from kpi_pipeline.dashboard.signs import AlertsShape, ChangeShape, EpisodeShape, MuteShape
from kpi_pipeline.model.batch import Dims
from kpi_pipeline.model.episode import Episode, Mute, Transition, Verdict
from kpi_pipeline.model.live import AlertLog, Live
from kpi_pipeline.model.pulse import RULE as FAILURE
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.model.threshold import Threshold


def alerts_body(spec: PipelineSpec, live: Live, log: AlertLog) -> AlertsShape:
    """What is open, what is muted, and what alerts did."""
    return {
        "schema": "kpi.alerts/1",
        "pipeline": spec.name,
        "open": open_episodes(spec, live, log),
        "mutes": [_mute(item) for item in live.mutes],
        "count": log.count,
        "log": [_change(item) for item in log.transitions],
    }


@dataclass(frozen=True, slots=True)
class _Around:
    """What stands beside the episodes, by what it is about."""

    rules: Mapping[str, Threshold]
    verdicts: Mapping[tuple[str, Dims], Verdict]
    mutes: Mapping[str, Mute]
    log: AlertLog
    failure: str

    def reason(self, item: Episode) -> str:
        """What is seen of it now."""
        if item.rule == FAILURE:
            return self.failure
        verdict = self.verdicts.get((item.rule, item.dims))
        return verdict.reason if verdict else ""


def open_episodes(spec: PipelineSpec, live: Live, log: AlertLog) -> list[EpisodeShape]:
    """The worst first, then the oldest."""
    around = _Around(
        {rule.name: rule for rule in rules_of(spec)},
        {(item.rule, item.dims): item for item in live.verdicts},
        {mute.rule: mute for mute in live.mutes},
        log,
        plainly(live.life.why),
    )
    ranked = sorted(live.episodes, key=lambda item: (-item.level.rank, str(item.since), item.rule))
    return [_episode(item, around) for item in ranked]


def _episode(item: Episode, around: _Around) -> EpisodeShape:
    key = (item.rule, item.dims)
    rule, verdict = around.rules.get(item.rule), around.verdicts.get(key)
    mute = around.mutes.get(item.rule)
    who = told_of(item.told, around.log.messages.get(key, {}), around.log.logged)
    return {
        "rule": item.rule,
        "dims": group(item.dims),
        "number": item.number,
        "phase": item.phase.value,  # type: ignore[typeddict-item]  # an enumeration's own words
        "level": item.level.value,
        "metric": rule.metric if rule else None,
        "window": rule.window if rule else None,
        "unit": rule.unit if rule else None,
        "value": number(verdict.value) if verdict else None,
        "bound": number(verdict.bound) if verdict else None,
        "reason": around.reason(item),
        "since": moment_or_none(item.since),
        "peak": number(item.peak),
        "told": who.told,
        "waiting": who.waiting,
        "failed": who.failed,
        "notified_at": moment_or_none(item.notified_at),
        "acknowledged": moment_or_none(item.acknowledged),
        "muted_until": moment(mute.until) if mute else None,
        "owner": rule.owner if rule else None,
        "runbook": rule.runbook if rule else None,
        "run": around.log.runs.get(key),
    }


def _mute(item: Mute) -> MuteShape:
    return {"rule": item.rule, "until": moment(item.until), "why": item.why, "by": item.by}


def _change(item: Transition) -> ChangeShape:
    return {
        "at": moment(item.at),
        "rule": item.rule,
        "dims": group(item.dims),
        "number": item.number,
        "before": item.before.value,
        "after": item.after.value,
        "level": item.level.value,
        "value": number(item.value),
        "reason": plainly(item.reason),
        "suppressed": item.suppressed,
    }
