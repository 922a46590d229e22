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


Lines = dict[tuple[str, ...], int]
"""Line number, from 1, by path from the top of a text; a list's items are numbered from 0."""


@dataclass(frozen=True, slots=True)
class Document:
    """One parsed YAML text.

    Attributes:
        attributes: The mapping under `attributes:`, as plain values.
        lines: The line of each key.
    """

    attributes: object
    lines: Lines

    def line_of(self, path: tuple[str, ...]) -> int:
        """The line of a path under `attributes`, or of its nearest parent."""
        return line_at(self.lines, ("attributes", *path))


def line_at(lines: Lines, path: tuple[str, ...]) -> int:
    """The line of a path from the top of a text, or of its nearest parent."""
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 1)


def read_document(text: str, label: str) -> Document:
    """Parse a declaration, refusing doubled keys, which plain YAML silently merges.

    Raises:
        SpecError: Not YAML, not a mapping, or a doubled key; names `label` and the line.
    """
    plain, lines = read_yaml(text, label)
    return Document(_attributes(plain, label), lines)


def read_yaml(
    text: str, label: str, loader: type[yaml.SafeLoader] = yaml.SafeLoader
) -> tuple[object, Lines]:
    """Parse any YAML; its plain values, and the line of each key and of each item of a list.

    Raises:
        SpecError: Not YAML, or a doubled key; names `label` and the line.
    """
    walk = _Walk(label)
    try:
        return _loaded(loader(text), walk), walk.lines
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


def _loaded(loader: yaml.SafeLoader, walk: "_Walk") -> object:
    """One parse for both: thousands of rows take seconds."""
    try:
        node = loader.get_single_node()
        walk.go(node, ())
        return None if node is None else loader.construct_document(node)
    finally:
        loader.dispose()


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


class _Walk:
    """Collects lines; of a list with an anchor only the first place is walked, or it never ends."""

    def __init__(self, label: str) -> None:
        self.label = label
        self.lines: Lines = {}
        self.lists: set[int] = set()

    def go(self, node: yaml.Node | None, path: tuple[str, ...]) -> None:
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                self._key(key, value, (*path, str(key.value)))
        elif isinstance(node, yaml.SequenceNode) and id(node) not in self.lists:
            self.lists.add(id(node))
            for place, item in enumerate(node.value):
                self.lines[*path, str(place)] = item.start_mark.line + 1
                self.go(item, (*path, str(place)))

    def _key(self, key: yaml.Node, value: yaml.Node, here: tuple[str, ...]) -> None:
        line = key.start_mark.line + 1
        if here in self.lines:
            raise SpecError(f"{self.label}:{line}: the key {key.value!r} stands here twice")
        self.lines[here] = line
        self.go(value, here)
