"""Explain: a published number's meaning, and its proof from the source."""

from kpi_pipeline.compute.explanation import Explanation, explanation
from kpi_pipeline.compute.proof import Proof, prove
from kpi_pipeline.compute.spelling import Write
from kpi_pipeline.compute.windows import Bounds
from kpi_pipeline.model.batch import Dims
from kpi_pipeline.model.errors import StateError
from kpi_pipeline.model.moment import total_minutes, union
from kpi_pipeline.model.spec import PipelineSpec
from kpi_pipeline.ports.source import Answers, Source
from kpi_pipeline.ports.store import Store


def explain(
    spec: PipelineSpec,
    store: Store,
    metric: str,
    window: str,
    group: Dims = (),
    write: Write | None = None,
) -> Explanation:
    """Explain the last published value of a metric over a window; see `explanation`.

    Raises:
        StateError: Nothing was published yet, or not this metric.
        UnknownNameError: There is no such metric, window or group.
    """
    published = store.latest()
    if published is None:
        raise StateError(f"{spec.name} has not folded anything yet; run `kpi-pipeline advance`")
    found = explanation(spec, published.snapshot, metric, window, group=group, write=write)
    grouped = found.metric in found.parts and bool(found.parts[0].group_by)
    if not found.readings and not grouped:
        raise StateError(f"{metric} over {window} is newly declared; run `kpi-pipeline advance`")
    return found


def confirm(found: Explanation, answers: Answers) -> tuple[Proof, ...]:
    """Run the explanation's SQL against the source, and hold both numbers together.

    Raises:
        SourceError: The source cannot answer.
    """
    return prove(found, answers.ask(found.sql))


def waiting(source: Source, store: Store, span: Bounds, metrics: frozenset[str]) -> int:
    """How many minutes of a window changed since the last check, or wait to be folded.

    History that is filled for other metrics than these does not count.

    Raises:
        SourceError, StateError: A look was not possible.
    """
    state = store.load()
    look = source.detect(state.position)
    ranges = union(
        [*look.changed, *(d.interval for d in state.dirty if d.live or d.metrics & metrics)]
    )
    inside = (item.clip(span.start or item.start, span.end) for item in ranges)
    return total_minutes(part for part in inside if part is not None)
