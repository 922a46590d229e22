"""Rows that another release wrote."""

from kpi_pipeline.model.notice import NoticeKind
from kpi_pipeline.store.codec import dump_notice, load_notice
from kpi_pipeline_tests.delivery.mailroom import notice

FIRST = ("key", "episode_key", "pipeline", "rule", "kind", "level", "text", "headline", "facts")


def test_a_row_of_an_older_release_is_read() -> None:
    row = {name: value for name, value in dump_notice(notice()).items() if name in FIRST}

    assert load_notice(row) == notice()


def test_what_a_newer_release_says_besides_holds_up_no_relay() -> None:
    row = dump_notice(notice(NoticeKind.RESOLVE)) | {"mood": "blue"}

    assert load_notice(row) == notice(NoticeKind.RESOLVE)
