"""Many processes that use a pipeline for the first time, at once."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

from kpi_pipeline.assembly import assemble
from kpi_pipeline_tests.sales import Sales

USERS = 8


def test_first_uses_at_once_all_find_the_same_blank_pipeline(sales: Sales) -> None:
    sales.peek()
    for name in (f"fresh_{n}" for n in range(20)):
        users = [assemble(replace(sales.spec, name=name), sales.settings) for _ in range(USERS)]
        together = Barrier(USERS)

        def load(index: int, users: list = users, together: Barrier = together) -> int:  # type: ignore[type-arg]
            together.wait()
            return int(users[index].store.load().revision)

        with ThreadPoolExecutor(USERS) as threads:
            found = list(threads.map(load, range(USERS)))
        for user in users:
            user.close()

        assert found == [0] * USERS
