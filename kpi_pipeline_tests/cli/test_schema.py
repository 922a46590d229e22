"""`kpi-pipeline schema` as a person types it."""

import json
from pathlib import Path

from kpi_pipeline.cli.schema import schema_command
from kpi_pipeline.model.declaration.schema.document import document
from kpi_pipeline_tests.command import Command
from kpi_pipeline_tests.sales import Sales


def test_it_prints_the_schema(sales: Sales, tmp_path: Path) -> None:
    code, output = Command(sales, tmp_path).run_plain("schema")

    assert code == 0
    assert json.loads(output) == document()


def test_it_writes_the_schema(sales: Sales, tmp_path: Path) -> None:
    file = tmp_path / "defs.schema.json"

    code, output = Command(sales, tmp_path).run_plain("schema", "--output", str(file))

    assert code == 0
    assert "written" in output
    assert json.loads(file.read_text()) == document()


def test_a_place_that_cannot_be_written_is_told(sales: Sales, tmp_path: Path) -> None:
    command = Command(sales, tmp_path)

    code, output = command.run_plain("schema", "--output", str(tmp_path / "no" / "file.json"))

    assert code == 1
    assert "cannot be written: No such file or directory" in output


def test_its_help_says_how_an_editor_finds_it() -> None:
    assert "# yaml-language-server: $schema=" in str(schema_command.help)
