"""Where in a YAML text a key stands, so that an error can name its line."""

from dataclasses import dataclass

import yaml

from kpi_pipeline.model.declaration.nearest import did_you_mean
from kpi_pipeline.model.declaration.pipeline import parse_spec
from kpi_pipeline.model.errors import SpecError
from kpi_pipeline.model.spec import PipelineSpec

TYPES = ("kpi_pipeline.KpiPipelineComponent",)
TOP = ("type", "attributes", "requirements", "post_processing", "template_vars_module")
"""What Dagster knows at the top of a component's file."""


@dataclass(frozen=True, slots=True)
class Document:
    """One parsed YAML text.

    Attributes:
        attributes: The mapping under `attributes:`, as plain values.
        lines: Line number, from 1, by path from the top of the text.
    """

    attributes: object
    lines: dict[tuple[str, ...], int]

    def line_of(self, path: tuple[str, ...]) -> int:
        """The line of a path under `attributes`, or of its nearest parent."""
        full = ("attributes", *path)
        while full and full not in self.lines:
            full = full[:-1]
        return self.lines.get(full, 1)


def read_document(text: str, label: str) -> Document:
    """Parse YAML, refusing doubled keys, which plain YAML silently merges.

    Raises:
        SpecError: Not YAML, not a mapping, or a doubled key; names `label` and the line.
    """
    lines: dict[tuple[str, ...], int] = {}
    try:
        _walk(yaml.compose(text, Loader=yaml.SafeLoader), (), lines, label)
        plain = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        problem = getattr(error, "problem", None) or "cannot be read"
        raise SpecError(f"{label}:{line}: not YAML: {problem}") from None
    except RecursionError:
        raise SpecError(f"{label}:1: it is nested too deeply, or within itself") from None
    except (ValueError, KeyError, AttributeError) as error:
        # PyYAML lets the faults of its scalar constructors through: a 13th month, 0x alone.
        raise SpecError(f"{label}:1: a value cannot be read: {str(error)[:80]}") from None
    return Document(_attributes(plain, label), lines)


def _attributes(plain: object, label: str) -> object:
    if not isinstance(plain, dict) or not {"type", "attributes"} <= plain.keys():
        raise SpecError(f"{label}:1: needs the keys `type:` and `attributes:` at the top")
    kind = str(plain["type"])
    if kind.startswith("kpi_pipeline") and kind not in TYPES:
        raise SpecError(f"{label}:1: unknown type {kind!r}{did_you_mean(kind, TYPES)}")
    for key in plain:
        if key not in TOP:
            raise SpecError(f"{label}:1: unknown key {key!r}{did_you_mean(str(key), TOP)}")
    return plain["attributes"]


def parse_text(name: str, text: str, label: str) -> PipelineSpec:
    """Read a declaration from YAML text.

    Raises:
        SpecError: Names `label`, the line, the path, and what to do.
    """
    document = read_document(text, label)
    try:
        return parse_spec(name, document.attributes)
    except SpecError as error:
        raise SpecError(f"{label}:{document.line_of(error.path)}: {error}") from None


def _walk(
    node: yaml.Node | None, path: tuple[str, ...], lines: dict[tuple[str, ...], int], label: str
) -> None:
    if not isinstance(node, yaml.MappingNode):
        return
    for key, value in node.value:
        here = (*path, str(key.value))
        line = key.start_mark.line + 1
        if here in lines:
            raise SpecError(f"{label}:{line}: the key {key.value!r} stands here twice")
        lines[here] = line
        _walk(value, here, lines, label)
