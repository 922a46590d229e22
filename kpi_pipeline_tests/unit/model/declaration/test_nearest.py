import pytest

from kpi_pipeline.model.declaration.nearest import did_you_mean


@pytest.mark.parametrize(
    ("word", "known", "expected"),
    [
        pytest.param("revenu", ["revenue"], " (did you mean 'revenue'?)", id="one letter short"),
        pytest.param("zzz", ["b", "a"], " (known: a, b)", id="near to none: all, in order"),
        pytest.param("zzz", [], "", id="nothing is known"),
    ],
)
def test_the_nearest_word_is_named(word: str, known: list[str], expected: str) -> None:
    assert did_you_mean(word, known) == expected
