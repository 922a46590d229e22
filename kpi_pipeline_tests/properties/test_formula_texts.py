"""No text whatever makes a formula more than arithmetic, or its value more than a number."""

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_pipeline.compute.formula import MOST_WHOLE, evaluate
from kpi_pipeline.model.declaration.formula import parse_formula
from kpi_pipeline.model.declaration.spans import parse_offset, parse_span
from kpi_pipeline.model.formula import Call, Formula, Name, Number, names_of
from kpi_pipeline_tests.properties.test_declaration import texts

SIGNS = ["a", "b", "1", "2.5", "1e900", "(", ")", ",", "+", "-", "*", "/", "abs(", "round("]
SIGNS += ["nullif(", "coalesce(", "greatest(", "least(", "null", "-", ")", ")", "a", ", 2)"]
LONGEST = 1200 * 31
nearly = st.lists(st.sampled_from(SIGNS), max_size=25).map(" ".join)
numbers = st.none() | st.decimals() | st.sampled_from([Decimal("1e131071"), Decimal("1e-16383")])


def nodes(formula: Formula) -> int:
    if isinstance(formula, Call):
        return 1 + sum(map(nodes, formula.arguments))
    assert isinstance(formula, Name | Number)
    return 1


@settings(max_examples=600)
@given(texts | nearly, numbers, numbers)
def test_a_text_is_refused_or_is_arithmetic(
    text: str, left: Decimal | None, right: Decimal | None
) -> None:
    try:
        formula = parse_formula(text)
    except ValueError:
        return
    assert nodes(formula) <= 2 * len(text) + 2
    found = evaluate(formula, dict.fromkeys(names_of(formula), left) | {"b": right})
    assert found is None or not found.is_finite() or found.adjusted() < MOST_WHOLE


@given(st.text(max_size=30) | st.from_regex(r"\s*[0-9]{1,10}\s*[a-z]{1,9}", fullmatch=True))
def test_a_text_is_refused_or_is_a_length(text: str) -> None:
    for parse in (parse_span, parse_offset):
        try:
            found = parse(text)
        except ValueError:
            continue
        assert 0 < found.most_days <= LONGEST
        assert parse_span(found.text) == found
