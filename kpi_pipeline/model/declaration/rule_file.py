"""A file of rules alone, to be tried on a declared pipeline."""

from dataclasses import replace

from kpi_pipeline.model.declaration.lines import line_at, read_yaml
from kpi_pipeline.model.declaration.section import Section
from kpi_pipeline.model.declaration.thresholds import parse_thresholds
from kpi_pipeline.model.declaration.told import parse_owners
from kpi_pipeline.model.errors import SpecError
from kpi_pipeline.model.spec import PipelineSpec


def with_rules(spec: PipelineSpec, text: str, label: str) -> PipelineSpec:
    """The pipeline with the rules under `thresholds:` in place of its own.

    Args:
        spec: Whose metrics and windows the rules are about.
        text: YAML with `thresholds:`, and perhaps `owners:`.
        label: What errors call the file.

    Raises:
        SpecError: Names `label`, the line, the path, and what to do.
    """
    plain, lines = read_yaml(text, label)
    try:
        top = Section(plain, ())
        top.only("thresholds", "owners")
        owners = parse_owners(top.section("owners"))
        rules = parse_thresholds(
            top.section("thresholds"),
            spec.metrics,
            spec.windows,
            owners,
            drift_is_told=bool(spec.audit.notify),
        )
        if not rules:
            raise top.error("needs rules under `thresholds:`")
    except SpecError as error:
        raise SpecError(f"{label}:{line_at(lines, error.path)}: {error}") from None
    return replace(spec, thresholds=rules)
