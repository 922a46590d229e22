"""Who is said to know of an episode."""

import pytest

from kpi_pipeline.compute.told import Messages, Told, told_of
from kpi_pipeline.model.outbox import OutboxState

SENT, DEAD, PENDING = OutboxState.SENT, OutboxState.DEAD, OutboxState.PENDING


@pytest.mark.parametrize(
    ("named", "messages", "found"),
    [
        (["slack"], {"slack": [SENT]}, Told(["slack"], [], [])),
        (["slack"], {}, Told(["slack"], [], [])),
        (["slack"], {"slack": [PENDING]}, Told([], ["slack"], [])),
        (["slack"], {"slack": [OutboxState.SENDING]}, Told([], ["slack"], [])),
        (["slack"], {"slack": [SENT, PENDING]}, Told([], ["slack"], [])),
        (["slack"], {"slack": [DEAD]}, Told([], [], ["slack"])),
        (["slack"], {"slack": [DEAD, SENT]}, Told(["slack"], [], [])),
        (["slack"], {"slack": [DEAD], "email": [SENT]}, Told(["email"], [], ["slack"])),
        (["slack"], {"slack": [OutboxState.SUPERSEDED]}, Told([], [], [])),
        (["webhook"], {"webhook": [SENT]}, Told(["log (webhook has no settings)"], [], [])),
        ([], {}, Told([], [], [])),
    ],
)
def test_told_is_where_a_message_arrived(named: list[str], messages: Messages, found: Told) -> None:
    assert told_of(named, messages, ["webhook"]) == found
