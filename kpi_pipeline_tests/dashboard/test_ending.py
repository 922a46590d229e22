"""A dashboard that ends while people wait: they are told, and the log stays clean."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from kpi_pipeline.dashboard.app import create_app
from kpi_pipeline.dashboard.server import listen, run
from kpi_pipeline_tests.dashboard.gallery_bell import GalleryBell
from kpi_pipeline_tests.dashboard.gallery_board import GalleryBoard
from kpi_pipeline_tests.dashboard.running import NEAR, events, eventually, serving
from kpi_pipeline_tests.dashboard.scenes import SCENES
from kpi_pipeline_tests.dashboard.test_away import Asking

ROWS = "/api/v1/kpis/total_revenue/rows?window=today"
WRONG = {"Authorization": "Bearer nonsense"}


def guess(client: httpx.Client) -> int:
    try:
        return client.get("/healthz", headers=WRONG).status_code
    except httpx.TransportError:
        return 0  # it came too late


def test_who_waits_when_it_ends_is_told_and_nothing_is_written(
    caplog: pytest.LogCaptureFixture,
) -> None:
    bell = GalleryBell()
    board = Asking(SCENES[0], bell)
    with (
        serving([board], bell) as running,
        events(running) as stream,
        ThreadPoolExecutor(30) as many,
        httpx.Client(base_url=running.url, timeout=15, trust_env=False) as other,
    ):
        next(stream)
        rows = many.submit(other.get, ROWS)
        guessed = [many.submit(guess, other) for _ in range(40)]
        assert board.asked.wait(10)
        eventually(lambda: sum(each.done() for each in guessed) >= 5)

        began = time.monotonic()
        running.server.should_exit = True
        statuses = [each.result() for each in guessed]
        answer = rows.result()
        took = time.monotonic() - began
        board.answers.set()

    print(f"the last of 20 in line and hanging rows are answered in {took:.2f} s")
    assert (answer.status_code, "the dashboard ends" in answer.text) == (503, True)
    assert statuses.count(429) >= 5
    assert took < 2
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


def test_a_look_at_the_saves_that_fails_is_not_the_last_one(
    caplog: pytest.LogCaptureFixture,
) -> None:
    bell = GalleryBell()
    board = GalleryBoard(SCENES[0], bell)
    answers: Iterator[bool | OSError] = iter([OSError("a folder is gone"), False, True])

    def changed() -> bool:
        answer = next(answers)
        if isinstance(answer, OSError):
            raise answer
        return answer

    with listen("127.0.0.1", 0) as place:
        assert run(create_app([board], bell, NEAR), place, changed, seconds=0.05)
    assert "whether a declaration was saved cannot be seen" in caplog.text
