"""What the README shows works as it stands."""

import re
from pathlib import Path

from kpi_pipeline.model.declaration.lines import parse_text

README = Path(__file__).parents[2] / "README.md"


def test_its_example_is_a_valid_declaration() -> None:
    (block,) = re.findall(r"```yaml\n(.*?)```", README.read_text(), re.DOTALL)
    lines = [line.removeprefix("   ") for line in block.splitlines()]

    spec = parse_text("sales", "\n".join(lines), "README.md")

    assert len(spec.metrics) == 5
    assert spec.channels == {"slack"}


def test_its_pictures_and_documents_exist() -> None:
    targets = re.findall(r"\]\(((?!http)[^)]+)\)", README.read_text())

    assert [target for target in targets if not (README.parent / target).exists()] == []
