"""The page's files, from memory: a first visit asks for dozens, which took the disk too long."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path

from fastapi.staticfiles import StaticFiles
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import NotModifiedResponse
from starlette.types import Scope

from kpi_pipeline.dashboard.guard import READS

ADDRESS, PAGE = "/static", "index.html"
CHECKED, KEPT = "no-cache", "private, max-age=31536000, immutable"
PLAIN = "text/plain; charset=utf-8"
KINDS: Mapping[str, str] = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}
"""Ours, because a machine's own table may call a script plain text, and no browser runs that."""


@dataclass(frozen=True, slots=True)
class File:
    """One of them, and the headers it goes out with."""

    content: bytes
    headers: Headers


class Files(StaticFiles):
    """What a folder held at the start, by name, and by the name of the release before it.

    At the first address a browser asks each time whether the file is still the same, at the second
    it need not: that never changes. The page uses the second: no visit asks for a file again, and
    none mixes those of two releases.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__()  # no folder: it may be gone, or another release's, by the first request
        paths = sorted(path for path in folder.rglob("*") if path.is_file())
        found = {str(path.relative_to(folder)): path.read_bytes() for path in paths}
        release = sha256(repr(found).encode()).hexdigest()[:12]
        kept = {f"{release}{os.sep}{name}": content for name, content in found.items()}
        named = f"{ADDRESS}/{release}/".encode()
        found[PAGE] = found[PAGE].replace(f"{ADDRESS}/".encode(), named)
        self.files = {name: _file(name, content, CHECKED) for name, content in found.items()}
        self.files |= {name: _file(name, content, KEPT) for name, content in kept.items()}

    async def get_response(self, path: str, scope: Scope) -> Response:
        """A file, or that it is the same.

        Raises:
            HTTPException: There is none, or it is to be changed.
        """
        if scope["method"] not in READS:
            raise HTTPException(HTTPStatus.METHOD_NOT_ALLOWED, headers={"Allow": "GET, HEAD"})
        if path not in self.files:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        file = self.files[path]
        if self.is_not_modified(file.headers, Headers(scope=scope)):
            return NotModifiedResponse(file.headers)
        return Response(file.content, headers=file.headers)


def _file(name: str, content: bytes, cache: str) -> File:
    headers = {
        "Content-Type": KINDS.get(Path(name).suffix, PLAIN),
        "ETag": f'"{sha256(content).hexdigest()[:32]}"',
        "Cache-Control": cache,
    }
    return File(content, Headers(headers))
