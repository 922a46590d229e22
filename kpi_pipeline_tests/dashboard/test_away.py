"""The state database goes away and comes back: the last good numbers stay, and say so."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from kpi_pipeline.compute.explanation import Explanation
from kpi_pipeline.dashboard.app import SEATS
from kpi_pipeline.model.batch import Dims
from kpi_pipeline.model.errors import SourceError, StateError
from kpi_pipeline.model.live import Live, Tick
from kpi_pipeline.model.snapshot import Snapshot
from kpi_pipeline_tests.dashboard.gallery_bell import GalleryBell
from kpi_pipeline_tests.dashboard.gallery_board import GalleryBoard
from kpi_pipeline_tests.dashboard.running import events, eventually, serving
from kpi_pipeline_tests.dashboard.scenes import REFUSED, SCENES, Scene

LOST = (
    'state database: connection to server on socket "/srv/ada/.s.PGSQL.5432" failed: '
    "No such file or directory"
)


class Hanging(GalleryBoard):
    """A state database that takes a question and never answers."""

    hangs = False

    def ticks(self, most: int) -> list[Tick]:
        time.sleep(3 if self.hangs else 0)
        return list(super().ticks(most))

    def live(self) -> Live:
        time.sleep(3 if self.hangs else 0)
        return super().live()


class Asking(GalleryBoard):
    """A source that answers late, in the middle of explanations."""

    def __init__(self, scene: Scene, bell: GalleryBell) -> None:
        super().__init__(scene, bell)
        self.asked, self.answers = threading.Event(), threading.Event()

    def explain(
        self, metric: str, window: str, group: Dims = (), *, seen: Snapshot | None = None
    ) -> Explanation:
        self.asked.set()
        self.answers.wait(30)
        return super().explain(metric, window, group, seen=seen)


class Lost(GalleryBoard):
    """A state database whose driver says more than anybody should read."""

    def live(self) -> Live:
        raise StateError(LOST)

    def ticks(self, most: int) -> list[Tick]:
        del most
        raise StateError(LOST)


class Puzzling(GalleryBoard):
    """A board that tells what nobody can say in words."""

    puzzles = False

    def live(self) -> Live:
        found = super().live()
        return replace(found, audit="?") if self.puzzles else found  # type: ignore[arg-type]


class Sourceless(GalleryBoard):
    """A source that is away while explanations are asked for."""

    def explain(self, *_: object, **__: object) -> Explanation:
        raise SourceError(REFUSED)


class Faulty(GalleryBoard):
    """A board with a fault of ours."""

    def live(self) -> Live:
        raise KeyError("s3cret")

    def ticks(self, most: int) -> list[Tick]:
        raise KeyError("s3cret", most)


def test_the_last_good_numbers_stay_and_it_mends_itself() -> None:
    bell = GalleryBell()
    board = GalleryBoard(SCENES[0], bell)
    with serving([board], bell) as running, events(running) as stream:
        good = running.body("/api/v1/snapshot")

        board.away = bell.away = True
        bell.ring()
        told = next(e for e in stream if e[0] == "status" and e[2]["status"] == "unreachable")
        assert told[2]["reason"] == "the state database is away: connection refused"
        assert running.body("/api/v1/snapshot") == good
        assert running.body("/api/v1/status")["status"] == "unreachable"
        refused = {path: running.get(path) for path in ("/readyz", "/api/v1/ticks")}
        assert {found.status_code for found in refused.values()} == {503}
        assert "connection refused" in refused["/api/v1/ticks"].json()["detail"]

        board.away = bell.away = False
        next(e for e in stream if e[0] == "status" and e[2]["status"] == "live")
        board.commit()
        found = next(e for e in stream if e[0] == "snapshot")
        assert found[2]["revision"] == board.revision
        assert running.get("/readyz").status_code == 200


def test_anybody_may_read_the_reason_and_the_log_alone_says_where(
    caplog: pytest.LogCaptureFixture,
) -> None:
    bell = GalleryBell()
    with serving([Lost(SCENES[0], bell)], bell, heartbeat=0.1) as running:
        status = running.body("/api/v1/status")
        problem = running.get("/api/v1/ticks").json()
        time.sleep(0.3)

    assert (
        status["reason"] == problem["detail"] == "the state database is away: nobody listens there"
    )
    noted = [record.getMessage() for record in caplog.records if LOST in record.getMessage()]
    assert [said.partition(":")[0] for said in noted] == [
        "pipeline live cannot be read",
        "a request failed",
    ]


def test_what_cannot_be_told_once_is_read_again(caplog: pytest.LogCaptureFixture) -> None:
    bell = GalleryBell()
    board = Puzzling(SCENES[0], bell)
    with serving([board], bell) as running:
        board.puzzles = True
        board.commit()
        eventually(lambda: "cannot be told of" in caplog.text)
        board.puzzles = False
        board.commit()

        eventually(lambda: running.body("/api/v1/snapshot")["revision"] == board.revision)


def test_a_source_that_is_away_is_named_in_the_log_alone(caplog: pytest.LogCaptureFixture) -> None:
    bell = GalleryBell()
    path = "/api/v1/kpis/total_revenue/explain?window=today"
    with serving([Sourceless(SCENES[0], bell)], bell) as running:
        found = [running.get(path) for _ in range(3)]

    assert {answer.status_code for answer in found} == {503}
    assert {answer.json()["detail"] for answer in found} == {
        "the source database is away: connection refused"
    }
    assert [REFUSED in record.getMessage() for record in caplog.records].count(True) == 1


def test_a_database_that_hangs_is_a_problem_and_not_a_wait() -> None:
    bell = GalleryBell()
    board = Hanging(SCENES[0], bell)
    with serving([board], bell, deadline=0.3) as running:
        running.server.config.app.state.house.crew.seconds = 0.3  # type: ignore[union-attr]
        board.hangs = True
        began = time.monotonic()
        found = running.get("/api/v1/ticks")

        assert (found.status_code, found.headers["retry-after"]) == (503, "5")
        assert "no answer within 0.3 s" in found.json()["detail"]
        bell.ring(board.spec.name)
        eventually(lambda: running.body("/api/v1/status")["status"] == "unreachable")
        assert running.body("/api/v1/snapshot")["pipeline"] == "live"
        assert time.monotonic() - began < 3


def test_explanations_that_hang_hold_up_no_other_answer() -> None:
    bell = GalleryBell()
    board = Asking(SCENES[0], bell)
    with serving([board], bell) as running, ThreadPoolExecutor(SEATS) as many:
        path = "/api/v1/kpis/total_revenue/explain?window=today"
        asked = [many.submit(running.get, path) for _ in range(SEATS)]
        assert board.asked.wait(10)
        time.sleep(0.3)  # all have come
        found = running.get("/api/v1/ticks")
        board.answers.set()

        assert found.status_code == 200
        assert {each.result().status_code for each in asked} == {200}


def test_an_error_of_ours_shows_nothing_of_the_inside() -> None:
    bell = GalleryBell()
    with serving([Faulty(SCENES[0], bell)], bell) as running:
        found = [running.get(f"/api/v1/{name}") for name in ("snapshot", "status", "ticks")]

    assert [answer.status_code for answer in found] == [503, 200, 500]
    assert found[2].json()["title"] == "Internal Server Error"
    assert not any("s3cret" in answer.text for answer in found)


def test_a_bell_that_is_never_heard_leaves_the_heartbeat() -> None:
    bell = GalleryBell()
    board = GalleryBoard(SCENES[0], bell)
    with serving([board], bell, heartbeat=0.2) as running:
        bell.away = True
        board.revision += 1

        eventually(lambda: running.body("/api/v1/snapshot")["revision"] == board.revision)
