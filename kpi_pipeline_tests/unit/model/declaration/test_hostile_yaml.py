"""YAML that PyYAML itself stumbles over is a fault of the declaration like any other."""

import pytest

from kpi_pipeline.model.declaration.expression import columns_of, parse_expression
from kpi_pipeline.model.declaration.lines import parse_text
from kpi_pipeline.model.errors import SpecError
from kpi_pipeline_tests.unit.builders import shop, shop_text


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("2000-13-45", id="a 13th month"),
        pytest.param("2000-01-01T25:00:00Z", id="a 25th hour"),
        pytest.param("9" * 5000, id="too many digits"),
        pytest.param("0b_", id="a binary without digits"),
        pytest.param("!!int x", id="a tag that does not fit"),
        pytest.param("!!bool x", id="no truth"),
        pytest.param("!!timestamp x", id="no timestamp"),
        pytest.param("0x" + "f" * 5000, id="a giant that does not print"),
        pytest.param("[" * 2000 + "]" * 2000, id="nested without end"),
    ],
)
def test_a_value_that_cannot_be_read_is_a_spec_error(value: str) -> None:
    with pytest.raises(SpecError, match=r"^defs\.yaml:\d+: "):
        shop("start: 2000-01-01", f"start: {value}")


def test_a_declaration_within_itself_is_a_spec_error() -> None:
    with pytest.raises(SpecError, match="nested too deeply, or within itself"):
        parse_text("x", "type: x\nattributes: &a\n  metrics: *a\n", "defs.yaml")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(shop_text() + "atributes: {}\n", "did you mean 'attributes'", id="unknown"),
        pytest.param(
            shop_text("KpiPipelineComponent", "KpiPipeline"), "did you mean 'kpi_pip", id="type"
        ),
        pytest.param("attributes: {}", "needs the keys `type:` and `attributes:`", id="no type"),
        pytest.param(shop_text("{warn_after: 10m}", "false"), "must be a mapping", id="false"),
    ],
)
def test_the_top_of_the_file_is_checked_too(text: str, message: str) -> None:
    with pytest.raises(SpecError) as caught:
        parse_text("shop", text, "defs.yaml")

    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("group_by", "message"),
    [
        pytest.param("[kind, kind]", "names a column twice", id="twice"),
        pytest.param("[a, b, c, d, e, f]", "names more than 5 columns", id="too many"),
    ],
)
def test_group_by_names_few_columns_each_once(group_by: str, message: str) -> None:
    with pytest.raises(SpecError) as caught:
        shop("group_by: kind", f"group_by: {group_by}")

    assert message in str(caught.value)


@pytest.mark.parametrize("text", [r"a \0 b", r"a \ud800 b"])
def test_text_that_can_be_written_down_nowhere_is_refused(text: str) -> None:
    with pytest.raises(SpecError, match="without NUL and halves of characters"):
        shop("group_by: kind", f'group_by: kind, description: "{text}"')


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("pg_sleep(" + "a+a-" * 400 + "a)", id="a call"),
        pytest.param("a" + "::int" * 300, id="casts"),
        pytest.param("a" + "[1]" * 500, id="subscripts"),
        pytest.param("'\x00'", id="nul"),
    ],
)
def test_deep_or_damaged_expressions_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"nested too deeply|NUL"):
        parse_expression(text)


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        pytest.param("AMOUNT", '"amount"', id="unquoted names fold to lower case"),
        pytest.param('"Amount"', '"Amount"', id="quoted names do not"),
        pytest.param("amount -- all of it", '"amount"', id="comments are dropped"),
        pytest.param("amount /* all */ * 2", '"amount" * 2', id="within too"),
    ],
)
def test_expressions_are_written_as_postgresql_reads_them(text: str, canonical: str) -> None:
    assert parse_expression(text) == canonical


def test_the_columns_of_a_long_expression_are_found() -> None:
    text = "coalesce(" + ",".join("a" * 900) + ")"

    assert columns_of(parse_expression(text)) == {"a"}
