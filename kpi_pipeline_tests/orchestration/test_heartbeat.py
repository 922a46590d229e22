"""The heartbeat: a tick does not wait for whoever listens to it."""

import logging
import socket
import threading
import time
from contextlib import suppress

import pytest

from kpi_pipeline.orchestration import heartbeat


def test_a_monitor_that_dribbles_bytes_holds_no_tick(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    over = threading.Event()

    def dribble(listener: socket.socket) -> None:
        line, _ = listener.accept()
        with line, suppress(OSError):
            line.sendall(b"HTTP/1.1 200 OK\r\nX: ")
            while not over.wait(0.05):
                line.sendall(b"a")

    monkeypatch.setattr(heartbeat, "SECONDS", 0.3)
    caplog.set_level(logging.WARNING)
    alarm = threading.Timer(20, over.set)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        peer = threading.Thread(target=dribble, args=(listener,))
        peer.start()
        alarm.start()
        began = time.monotonic()
        heartbeat.beat(f"http://127.0.0.1:{listener.getsockname()[1]}/s3cret")
        took = time.monotonic() - began
        alarm.cancel()
        over.set()
        peer.join()

    assert took < 10
    assert "the heartbeat to 127.0.0.1 failed" in caplog.text
    assert "s3cret" not in caplog.text
