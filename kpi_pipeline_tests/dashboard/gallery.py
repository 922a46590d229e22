"""Every state of the page, served without a database: `make gallery`.

Each scene is a pipeline: `/?pipeline=firing`, `/api/v1/snapshot?pipeline=odd`. The first is `live`.
"""

import argparse
import threading
import time
from collections.abc import Sequence

from kpi_pipeline.dashboard.access import Access
from kpi_pipeline.dashboard.app import create_app
from kpi_pipeline.dashboard.server import end_when_asked, listen, run
from kpi_pipeline_tests.dashboard.gallery_bell import GalleryBell
from kpi_pipeline_tests.dashboard.gallery_board import GalleryBoard
from kpi_pipeline_tests.dashboard.scenes import SCENES

TOKEN = "gallery-token-for-tests-alone"  # noqa: S105 - it guards made-up figures
SALE_SECONDS = 5.0


def gallery() -> tuple[list[GalleryBoard], GalleryBell]:
    """A board a scene, and the bell of all."""
    bell = GalleryBell()
    return [GalleryBoard(scene, bell) for scene in SCENES], bell


def sell(boards: Sequence[GalleryBoard]) -> None:
    """Commit something every few seconds, for ever."""
    while True:
        time.sleep(SALE_SECONDS)
        for board in boards:
            if board.scene.sells:
                board.commit()


def main() -> None:
    """Serve the gallery on this machine."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8788)
    port: int = parser.parse_args().port
    end_when_asked()
    boards, bell = gallery()
    threading.Thread(target=sell, args=(boards,), daemon=True).start()
    print(f"http://127.0.0.1:{port}/?pipeline={'|'.join(b.spec.name for b in boards)}")
    print(f"token: {TOKEN}")
    app = create_app(boards, bell, Access(token=TOKEN))
    run(app, listen("127.0.0.1", port))


if __name__ == "__main__":
    main()
