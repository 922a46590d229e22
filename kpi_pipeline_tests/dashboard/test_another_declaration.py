"""A server that starts anew with another declaration, before anything is folded by it."""

from dataclasses import replace
from datetime import UTC, datetime

from kpi_pipeline_tests.dashboard.gallery_bell import GalleryBell
from kpi_pipeline_tests.dashboard.gallery_board import GalleryBoard
from kpi_pipeline_tests.dashboard.running import events, serving
from kpi_pipeline_tests.dashboard.scenes import SCENES

NOW = datetime(2026, 11, 26, 16, 32, tzinfo=UTC)


def board_of(description: str) -> tuple[GalleryBoard, GalleryBell]:
    """A board that differs from others in a description alone."""
    scene, bell = SCENES[0], GalleryBell()
    board = GalleryBoard(scene, bell, lambda: NOW)
    metrics = dict(scene.spec.metrics)
    metrics["total_revenue"] = replace(metrics["total_revenue"], description=description)
    board.spec = replace(scene.spec, metrics=metrics)
    return board, bell


def test_who_has_the_snapshot_of_the_old_declaration_gets_that_of_the_new_one() -> None:
    board, bell = board_of("old")
    with serving([board], bell) as running:
        old = running.get("/api/v1/snapshot")
    board, bell = board_of("new")
    with serving([board], bell) as running:
        new = running.get("/api/v1/snapshot", If_None_Match=old.headers["etag"])
        with events(running, Last_Event_ID=old.json()["id"]) as stream:
            first = next(stream)

    assert new.status_code == 200
    assert new.json()["id"] == old.json()["id"]
    assert (first[0], first[2]) == ("snapshot", new.json())
    assert new.json() != old.json()
