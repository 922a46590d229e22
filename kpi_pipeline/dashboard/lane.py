"""What slows down who tries tokens."""

import asyncio

PENALTY_SECONDS = 0.5


class Lane:
    """Wrong tokens wait here one after the other; who has the right one never does."""

    def __init__(self, seconds: float = PENALTY_SECONDS) -> None:
        self.seconds = seconds
        self._turn = asyncio.Lock()

    async def wait(self) -> None:
        """Stand in line."""
        async with self._turn:
            await asyncio.sleep(self.seconds)
