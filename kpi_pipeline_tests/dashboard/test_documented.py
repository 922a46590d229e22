"""What docs/api.md shows is what the published schemas say, field by field."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from kpi_pipeline.dashboard.schemas import SHAPES, json_schema

TEXT = (Path(__file__).parents[2] / "docs" / "api.md").read_text()
LINKED = '"readings": [ "as in the snapshot" ]'


def documents() -> Iterator[Any]:
    decoder = json.JSONDecoder()
    for block in re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL):
        left = block.replace(LINKED, '"readings": []').strip()
        while left:
            found, end = decoder.raw_decode(left)
            yield found
            left = left[end:].strip()


def name_of(body: dict[str, Any]) -> str:
    return re.fullmatch(r"kpi\.(\w+)/1", body["schema"])[1]  # type: ignore[index]


@pytest.mark.parametrize("body", list(documents()), ids=name_of)
def test_an_example_shows_every_field_and_no_other(body: dict[str, Any]) -> None:
    schema = json_schema(name_of(body))

    jsonschema.Draft202012Validator(schema).validate(body)
    assert set(body) == set(schema["properties"])


def test_every_answer_has_an_example_or_is_named() -> None:
    shown = {name_of(body) for body in documents()}

    assert set(SHAPES) - shown == {"kpi", "pipelines", "problem"}
    assert "kpi.kpi/1" in TEXT
    assert "kpi.pipelines/1" in TEXT
