import pytest

from kpi_pipeline.model.declaration.lines import parse_text, read_document
from kpi_pipeline.model.errors import SpecError
from kpi_pipeline_tests.unit.builders import shop_text

TOP = "type: x\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("", "1: needs the keys `type:` and `attributes:` at the top", id="nothing"),
        pytest.param(
            "# hello", "1: needs the keys `type:` and `attributes:` at the top", id="talk"
        ),
        pytest.param("- a", "1: needs the keys `type:` and `attributes:` at the top", id="a list"),
        pytest.param(
            "sales", "1: needs the keys `type:` and `attributes:` at the top", id="a word"
        ),
        pytest.param(
            "type: x", "1: needs the keys `type:` and `attributes:` at the top", id="half"
        ),
        pytest.param(
            "a: b: c", "1: not YAML: mapping values are not allowed here", id="two colons"
        ),
        pytest.param(
            "a:\n\t b: c",
            "2: not YAML: found character '\\t' that cannot start any token",
            id="a tab",
        ),
        pytest.param(
            "a: [1", "1: not YAML: expected ',' or ']', but got '<stream end>'", id="open"
        ),
        pytest.param(
            "a: 1\n---\nb: 2", "2: not YAML: but found another document", id="two of them"
        ),
        pytest.param("a: *b", "1: not YAML: found undefined alias 'b'", id="an alias of nothing"),
        pytest.param("\x89PNG\r\n\x1a\n", "1: not YAML: cannot be read", id="a picture"),
        pytest.param("a: \x00", "1: not YAML: cannot be read", id="a nul"),
        pytest.param("a: \ud800", "1: not YAML: cannot be read", id="half a character"),
        pytest.param("? [a]\n: b", "1: not YAML: found unhashable key", id="a list as a key"),
        pytest.param(
            "a:\n  b: !!python/object/apply:os.system [ls]",
            "2: not YAML: could not determine a constructor for the tag "
            "'tag:yaml.org,2002:python/object/apply:os.system'",
            id="a tag that would run a command",
        ),
        pytest.param(
            "a: !secret x",
            "1: not YAML: could not determine a constructor for the tag '!secret'",
            id="a tag of another program",
        ),
    ],
)
def test_text_that_is_no_declaration_is_refused_with_its_line(text: str, message: str) -> None:
    with pytest.raises(SpecError) as caught:
        parse_text("shop", text, "defs.yaml")

    assert str(caught.value) == f"defs.yaml:{message}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(
            "type: x\nattributes:", "2: must be a mapping of keys, not None", id="nothing"
        ),
        pytest.param(
            "type: x\n\nattributes: []", "3: must be a mapping of keys, not []", id="a list"
        ),
        pytest.param(
            "type: x\nattributes: 7", "2: must be a mapping of keys, not 7", id="a number"
        ),
        pytest.param(
            TOP + "attributes: &a [*a]", "2: must be a mapping of keys, not [[...]]", id="itself"
        ),
    ],
)
def test_attributes_are_a_mapping(text: str, message: str) -> None:
    with pytest.raises(SpecError) as caught:
        parse_text("shop", text, "defs.yaml")

    assert str(caught.value) == f"defs.yaml:{message}"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        pytest.param(
            "every: 1m", "every: 1m\n  every: 2m", "6: the key 'every' stands here twice", id="top"
        ),
        pytest.param(
            "{agg: count}",
            "{agg: count, agg: sum}",
            "9: the key 'agg' stands here twice",
            id="one line",
        ),
        pytest.param(
            "every: 1m",
            "every: 1m\n  'every': 2m",
            "6: the key 'every' stands here twice",
            id="quoted",
        ),
        pytest.param(
            "attributes:",
            "type: y\nattributes:",
            "2: the key 'type' stands here twice",
            id="outside",
        ),
    ],
)
def test_a_doubled_key_is_refused_rather_than_merged(old: str, new: str, message: str) -> None:
    with pytest.raises(SpecError) as caught:
        parse_text("shop", shop_text(old, new), "defs.yaml")

    assert str(caught.value) == f"defs.yaml:{message}"


def test_aliases_and_merge_keys_are_read_as_yaml_means_them() -> None:
    text = shop_text("{window: 60m}", "&hour {window: 60m}\n    again: {<<: *hour}")

    spec = parse_text("shop", text, "defs.yaml")

    assert spec.windows["again"].trailing == spec.windows["hour"].trailing


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("\ufeff" + shop_text(), id="a byte order mark"),
        pytest.param(shop_text().replace("\n", "\r\n"), id="lines of another system"),
    ],
)
def test_a_declaration_may_come_from_any_editor(text: str) -> None:
    assert parse_text("shop", text, "defs.yaml") == parse_text("shop", shop_text(), "defs.yaml")


@pytest.mark.parametrize(
    ("path", "line"),
    [
        pytest.param(("metrics", "orders", "agg"), 9, id="the key itself"),
        pytest.param(("metrics", "orders", "expr", "x"), 9, id="its nearest parent"),
        pytest.param((), 2, id="the attributes"),
        pytest.param(("nothing",), 2, id="a key that is not there"),
    ],
)
def test_every_path_has_a_line(path: tuple[str, ...], line: int) -> None:
    assert read_document(shop_text(), "defs.yaml").line_of(path) == line


def test_an_error_keeps_no_traceback_of_the_parser() -> None:
    with pytest.raises(SpecError) as caught:
        parse_text("shop", "a: [1", "defs.yaml")

    assert caught.value.__suppress_context__
