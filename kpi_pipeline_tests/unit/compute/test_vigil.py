from datetime import timedelta

import pytest

from kpi_pipeline.compute.vigil import vigil
from kpi_pipeline.model.pulse import Life

MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("published", "looked", "alive", "sentence"),
    [
        pytest.param(1, None, True, "shop: published 1m ago", id="a fresh snapshot"),
        pytest.param(90, 2, True, "shop: looked at 2m ago", id="a quiet shop"),
        pytest.param(5, None, True, "shop: published 5m ago", id="just in time"),
        pytest.param(
            6, 90, False, "shop: last published 6m ago, more than 5m", id="a sensor that stopped"
        ),
        pytest.param(None, None, False, "shop: nothing was ever published", id="never started"),
    ],
)
def test_the_younger_sign_of_life_counts(
    published: int | None, looked: int | None, sentence: str, *, alive: bool
) -> None:
    life = Life(
        published=None if published is None else published * MINUTE,
        looked=None if looked is None else looked * MINUTE,
        failing=None,
        why="",
    )

    assert vigil("shop", life, 5 * MINUTE) == (alive, sentence)


def test_the_last_failure_is_told_with_it() -> None:
    life = Life(published=7 * MINUTE, looked=None, failing=6 * MINUTE, why="the source is away")

    assert vigil("shop", life, 5 * MINUTE) == (
        False,
        "shop: last published 7m ago, more than 5m; failing for 6m: the source is away",
    )
