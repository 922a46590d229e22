import asyncio

import pytest

from benchmarks import streams


def test_listeners_hear_every_ring_and_the_server_is_gone_at_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(streams, "SETTLE_SECONDS", 0.1)
    found = asyncio.run(streams.measure(clients=5, seconds=3))

    assert (found["dropped"], found["never_connected"]) == (0, 0)
    assert found["rings"]
    assert found["ring_to_client_ms"]
