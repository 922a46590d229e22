"""`python -m benchmarks.streams_server`: the dashboard, over figures that change each second.

The dashboard is the real one, from its hub to its sockets; its boards make their figures up. Its
output is the port, then a line a ring: the revision, and when. It ends when its input does.
"""

import os
import signal
import sys
import threading
import time

from kpi_pipeline.dashboard.access import Access
from kpi_pipeline.dashboard.app import create_app
from kpi_pipeline.dashboard.server import end_when_asked, listen, run
from kpi_pipeline_tests.dashboard.gallery import gallery
from kpi_pipeline_tests.dashboard.gallery_board import GalleryBoard

RING_SECONDS = 1.0


def main() -> None:
    """Serve until the input ends."""
    end_when_asked()
    boards, bell = gallery()
    threading.Thread(target=_end_with_input, daemon=True).start()
    threading.Thread(target=_ring, args=(boards[0],), daemon=True).start()
    app = create_app(boards, bell, Access(token="of-no-use-on-loopback"))  # noqa: S106
    place = listen("127.0.0.1", 0)
    _say(place.getsockname()[1])
    run(app, place)


def _ring(board: GalleryBoard) -> None:
    """Commit something of one pipeline each second; its clock is the same for all processes."""
    while True:
        time.sleep(RING_SECONDS)
        began = time.monotonic()
        board.commit()
        _say(f"{board.revision} {began}")


def _end_with_input() -> None:
    sys.stdin.read()
    os.kill(os.getpid(), signal.SIGTERM)


def _say(what: object) -> None:
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
