"""The snapshot asset, folded from a table that somebody else writes."""

import time
from collections.abc import Iterator
from datetime import timedelta

import dagster as dg

from kpi_pipeline.assembly import page_of
from kpi_pipeline.compute.building import filled_text
from kpi_pipeline.config import Settings
from kpi_pipeline.model.audit import Audit
from kpi_pipeline.model.errors import KpiError
from kpi_pipeline.model.notice import RUN_LINK
from kpi_pipeline.model.snapshot import Published
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.orchestration.checks import check_results, check_specs
from kpi_pipeline.orchestration.heartbeat import beat
from kpi_pipeline.orchestration.metadata import snapshot_metadata
from kpi_pipeline.orchestration.sources import TABLE, source_key
from kpi_pipeline.orchestration.wiring import Wiring
from kpi_pipeline.pipeline.advance import Outcome, Progress, advance
from kpi_pipeline.pipeline.deliver import Delivered, deliver
from kpi_pipeline.pipeline.failures import note_failure, note_success

DELIVERY_BUDGET = timedelta(seconds=20)
LOGGED = timedelta(days=1)
MOST_LOGGED = 200


def snapshot_key(spec: PipelineSpec) -> dg.AssetKey:
    """The snapshot of a pipeline."""
    return dg.AssetKey([spec.name, "kpi_snapshot"])


def snapshot_asset(wiring: Wiring) -> dg.AssetsDefinition:
    """The asset that folds what changed, publishes a snapshot and sends what is due."""
    spec = wiring.spec

    @dg.asset(
        key=snapshot_key(spec),
        deps=[source_key(spec.source.table)],
        check_specs=check_specs(spec),
        group_name=spec.name,
        kinds={"postgres", "python"},
        description=(
            "Every KPI over every window, folded from the changed buckets of "
            f"`{spec.source.table}`. Numbers are plotted under Metadata."
        ),
        metadata={
            TABLE: spec.source.table,
            "kpi/time_zone": spec.timezone.key,
            "kpi/every": str(spec.every),
        },
    )
    def kpi_snapshot(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult]:  # type: ignore[type-arg]  # Dagster refuses a parameter here
        try:
            outcome = _advance(wiring, context)
            _note(wiring, outcome)
        finally:  # what was decided before goes out though the source is away
            delivered = _deliver(wiring, context)
        if outcome.published is None:
            raise dg.Failure(
                "another process is making the first snapshot; it will be there at the next tick"
            )
        audit = wiring.assembly().store.audit()
        yield dg.MaterializeResult(
            metadata=snapshot_metadata(spec, outcome, delivered, audit),
            check_results=_checks(wiring, outcome.published, audit),
        )
        if outcome.failure is not None:  # what was published is right, and told, for all others
            raise dg.Failure(str(outcome.failure), allow_retries=False)

    return kpi_snapshot


def _checks(wiring: Wiring, published: Published, audit: Audit | None) -> list[dg.AssetCheckResult]:
    """With what alerts did during the last day."""
    since = published.snapshot.as_of - LOGGED
    _, log = wiring.assembly().store.desk().transitions(since, None, MOST_LOGGED)
    return list(check_results(wiring.spec, published.verdicts, audit, log))


def _advance(wiring: Wiring, context: dg.AssetExecutionContext) -> Outcome:
    def report(progress: Progress) -> None:
        context.log.info(
            "folded %d minute buckets, %d rows; %d buckets to go",
            progress.folded_minutes,
            progress.rows,
            progress.left_minutes,
        )
        if progress.filled:
            context.log.info("building %s", filled_text(progress.filled))

    parts = wiring.assembly()
    parts.store.links = links(wiring.settings(), parts.spec, context.run.run_id)
    try:
        return advance(
            parts.spec,
            parts.source,
            parts.store,
            budget=wiring.settings().run_budget,
            clock=time.monotonic,
            progress=report,
        )
    except KpiError as error:
        note_failure(parts.pulse, parts.spec, error)
        raise dg.Failure(str(error)) from None
    except Exception as error:
        note_failure(parts.pulse, parts.spec, error)
        raise


def links(settings: Settings, spec: PipelineSpec, run_id: str) -> tuple[tuple[str, str], ...]:
    """For messages: the live page, else the asset with its plots, and the run that decided."""
    base = (settings.ui_url or "").rstrip("/")
    asset = f"{base}/assets/{'/'.join(snapshot_key(spec).path)}" if base else ""
    shown = page_of(settings, spec.name) or asset
    places = (("Dashboard", shown), (RUN_LINK, f"{base}/runs/{run_id}" if base else ""))
    return tuple((label, address) for label, address in places if address)


def _note(wiring: Wiring, outcome: Outcome) -> None:
    """A run that folded for all metrics but one has failed; one that only looked tells nothing."""
    parts = wiring.assembly()
    if outcome.failure is not None:
        note_failure(parts.pulse, parts.spec, outcome.failure)
    elif outcome.folded_by_us:
        note_success(parts.pulse, parts.spec, outcome.tick)
        beat(wiring.settings().heartbeat_url)


def _deliver(wiring: Wiring, context: dg.AssetExecutionContext) -> Delivered:
    """A channel that is down fails no run: the message stays in the outbox."""
    parts = wiring.assembly()
    try:
        done = deliver(
            parts.outbox,
            parts.notifiers,
            budget=DELIVERY_BUDGET,
            clock=time.monotonic,
            rest=time.sleep,
            spec=parts.spec,
        )
    except KpiError as error:
        context.log.warning("messages wait in the outbox: %s", error)
        return Delivered(sent=(), failed=(str(error),))
    for sentence in done.sent:
        context.log.info("alert sent: %s", sentence)
    for sentence in done.failed:
        context.log.warning("alert not sent yet: %s", sentence)
    return done
