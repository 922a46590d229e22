"""The gallery on a real server that a test may stop and start, under a clock that it sets."""

import threading
import time
from datetime import UTC, datetime, timedelta

from kpi_pipeline.dashboard.access import Access
from kpi_pipeline.dashboard.app import create_app
from kpi_pipeline.dashboard.server import Server, listen, server_of
from kpi_pipeline_tests.dashboard.declared import shop
from kpi_pipeline_tests.dashboard.gallery_bell import GalleryBell
from kpi_pipeline_tests.dashboard.gallery_board import GalleryBoard
from kpi_pipeline_tests.dashboard.scenes import SCENES, Scene

TOKEN = "a-token-for-tests-alone"  # noqa: S105 - it guards made-up figures
AFTERNOON = datetime(2026, 11, 26, 19, 32, 15, tzinfo=UTC)  # 14:32:15 in New York


class Showroom:
    """Every scene as a pipeline, at one address whether it runs or not."""

    def __init__(self) -> None:
        self.now = AFTERNOON
        self.bell = GalleryBell()
        self.boards = {
            scene.spec.name: GalleryBoard(scene, self.bell, lambda: self.now) for scene in SCENES
        }
        self.port = 0
        self._server: Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def open(self) -> None:
        """Listen; again where it listened before."""
        place = listen("127.0.0.1", self.port)
        self.port = place.getsockname()[1]
        boards = list(self.boards.values())
        self._server = server_of(create_app(boards, self.bell, Access(token=TOKEN)))
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [place]})
        self._thread.start()
        deadline = time.monotonic() + 20
        while not self._server.started:
            assert time.monotonic() < deadline
            time.sleep(0.02)

    def close(self) -> None:
        """Stop, streams and all."""
        if self._server and self._thread:
            self._server.should_exit = True
            self._thread.join(15)
            assert not self._thread.is_alive()
            self._server = None

    def declare(self, name: str) -> None:
        """One more pipeline, from when it is opened the next time."""
        scene = Scene(spec=shop(name))
        self.boards[name] = GalleryBoard(scene, self.bell, lambda: self.now)

    def sell(self) -> None:
        """A minute passes, and what was sold meanwhile is committed everywhere."""
        self.now += timedelta(minutes=1)
        for board in self.boards.values():
            board.revision += 1
        self.bell.ring(*self.boards)
