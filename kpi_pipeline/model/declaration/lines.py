"""Where in a YAML text a key stands, so that an error can name its line."""

from dataclasses import dataclass

import yaml

from kpi_pipeline.model.declaration.pipeline import parse_spec
from kpi_pipeline.model.errors import SpecError
from kpi_pipeline.model.spec import PipelineSpec


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
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        plain = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        problem = getattr(error, "problem", None) or "cannot be read"
        raise SpecError(f"{label}:{line}: not YAML: {problem}") from None
    if not isinstance(plain, dict) or "attributes" not in plain or root is None:
        raise SpecError(f"{label}:1: needs the keys `type:` and `attributes:` at the top")
    lines: dict[tuple[str, ...], int] = {}
    _walk(root, (), lines, label)
    return Document(plain["attributes"], lines)


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
    node: yaml.Node, path: tuple[str, ...], lines: dict[tuple[str, ...], int], label: str
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
