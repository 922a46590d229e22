"""The page's files, from memory: a first visit asks for dozens, which took the disk too long."""

import mimetypes
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


@dataclass(frozen=True, slots=True)
class File:
    """One of them, and the headers it goes out with."""

    content: bytes
    headers: Headers


class Files(StaticFiles):
    """What a folder held at the start; a browser asks whether it has that, so no release mixes."""

    def __init__(self, folder: Path) -> None:
        super().__init__(directory=folder)
        paths = (path for path in folder.rglob("*") if path.is_file())
        self.kept = {str(path.relative_to(folder)): _read(path) for path in paths}

    async def get_response(self, path: str, scope: Scope) -> Response:
        """A file, or that it is the same.

        Raises:
            HTTPException: There is none, or it is to be changed.
        """
        if scope["method"] not in READS:
            raise HTTPException(HTTPStatus.METHOD_NOT_ALLOWED, headers={"Allow": "GET, HEAD"})
        if path not in self.kept:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        file = self.kept[path]
        if self.is_not_modified(file.headers, Headers(scope=scope)):
            return NotModifiedResponse(file.headers)
        return Response(file.content, headers=file.headers)


def _read(path: Path) -> File:
    content = path.read_bytes()
    kind = mimetypes.guess_type(path.name)[0] or "text/plain"
    headers = {
        "Content-Type": f"{kind}; charset=utf-8" if kind.startswith("text/") else kind,
        "ETag": f'"{sha256(content).hexdigest()[:32]}"',
        "Cache-Control": "no-cache",
    }
    return File(content, Headers(headers))
