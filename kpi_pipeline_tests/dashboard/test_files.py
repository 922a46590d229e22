"""The page's files: asked for once a release, and never those of two."""

import asyncio
import mimetypes
import re
from pathlib import Path

import pytest
from starlette.exceptions import HTTPException
from starlette.types import Message

from kpi_pipeline.dashboard.files import Files
from kpi_pipeline_tests.dashboard.running import Running


def test_a_browser_asks_for_the_page_each_time_and_for_its_files_once(near: Running) -> None:
    page = near.get("/")
    files = re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text)

    assert page.headers["cache-control"] == "no-cache"
    assert near.get("/", if_none_match=page.headers["etag"]).status_code == 304
    assert files
    for address in files:
        found = near.get(address)
        assert found.status_code == 200
        assert found.headers["cache-control"].endswith("immutable")


def test_at_its_plain_name_a_file_is_asked_for_each_time(near: Running) -> None:
    found = near.get("/static/js/main.js")
    again = near.get("/static/js/main.js", if_none_match=f'"other", {found.headers["etag"]}')

    assert found.headers["content-type"] == "text/javascript; charset=utf-8"
    assert found.headers["cache-control"] == again.headers["cache-control"] == "no-cache"
    assert (again.status_code, again.text) == (304, "")


def test_another_file_makes_another_release_which_has_nothing_of_the_first(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text('<script src="/static/main.js"></script>')
    script = tmp_path / "main.js"
    script.write_text("1")
    first = Files(tmp_path)
    script.write_text("2")
    second = Files(tmp_path)
    address = re.findall(rb'src="/static/(.+)"', _sent(first, "index.html"))[0].decode()

    assert (_sent(first, address), _sent(first, "main.js")) == (b"1", b"1")
    assert _sent(second, "main.js") == b"2"
    with pytest.raises(HTTPException, match="404"):
        _sent(second, address)


def test_a_script_is_one_on_a_machine_that_calls_it_text_and_without_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mimetypes.init()
    monkeypatch.setitem(mimetypes.types_map, ".js", "text/plain")
    for name in ("index.html", "main.js"):
        (tmp_path / name).touch()
    files = Files(tmp_path)
    for path in tmp_path.iterdir():
        path.unlink()
    tmp_path.rmdir()

    start, _ = asyncio.run(_answer(files, "/main.js"))

    assert (b"content-type", b"text/javascript; charset=utf-8") in start["headers"]


async def _answer(files: Files, path: str) -> list[Message]:
    said: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        said.append(message)

    await files({"type": "http", "method": "GET", "path": path, "headers": []}, receive, send)
    return said


def _sent(files: Files, path: str) -> bytes:
    scope = {"type": "http", "method": "GET", "headers": []}
    return bytes(asyncio.run(files.get_response(path, scope)).body)


@pytest.mark.parametrize(("method", "status"), [("HEAD", 200), ("POST", 405)])
def test_files_are_there_to_be_read(near: Running, method: str, status: int) -> None:
    found = near.client.request(method, "/static/js/main.js")

    assert found.status_code == status
    assert method != "HEAD" or found.content == b""
