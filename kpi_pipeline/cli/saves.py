"""Saves of declarations while something runs by them: each is taken on once it can be used."""

import logging
from collections.abc import Callable, Iterable
from pathlib import Path

from kpi_pipeline.model.errors import KpiError
from kpi_pipeline.model.spec import PipelineSpec

log = logging.getLogger(__name__)


class Saves:
    """The newest save of each declaration that can be used.

    Args:
        files: Where the declarations are; asked at each look.
        load: Reads one, and raises `KpiError` where it cannot be used.

    Attributes:
        specs: What holds, by file.
        faults: What is wrong with a save that does not hold, by pipeline.

    Raises:
        KpiError: One of them cannot be used from the start.
    """

    def __init__(
        self, files: Callable[[], Iterable[Path]], load: Callable[[Path], PipelineSpec]
    ) -> None:
        self._files, self._load = files, load
        self._seen = {path: _text(path) for path in files()}
        self._judged = dict(self._seen)
        self.specs = {path: load(path) for path in self._seen}
        self.faults: dict[str, str] = {}

    def look(self) -> bool:
        """Judge what was saved since the last look; whether anything else holds from now on.

        A save counts once it was seen twice: an editor may be in the middle of it.
        """
        seen, before = {path: _text(path) for path in self._files()}, dict(self.specs)
        for path, text in seen.items():
            if text == self._seen.get(path) and text != self._judged.get(path):
                self._judged[path] = text
                self._judge(path)
        gone = [path for path in self.specs if path not in seen and path not in self._seen]
        for path in gone if len(gone) < len(self.specs) else ():  # there is always one to show
            del self.specs[path], self._judged[path]
        self._seen = seen
        return self.specs != before

    def _judge(self, path: Path) -> None:
        name = path.resolve().parent.name
        try:
            self.specs[path] = self._load(path)
        except KpiError as error:
            log.warning("the save does not count: %s", error)
            # Whoever may read sees this, and need not know where the file lies.
            said = str(error).replace(str(path), f"{name}/{path.name}")
            self.faults[name] = f"the last save does not count: {said}"
        else:
            self.faults.pop(name, None)


def _text(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None
