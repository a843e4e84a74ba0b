"""One folder, whose content is the root of the tree."""

from __future__ import annotations

import os
from pathlib import Path

from backup.engine.sources.files import Files
from backup.engine.sources.opening import LISTED
from backup.engine.sources.rules import EVERYTHING, Rules


class FolderSource(Files):
    def __init__(
        self, folder: str | os.PathLike[str], *, now: int, label: str | None = None, rules: Rules = EVERYTHING
    ) -> None:
        path = os.fsencode(Path(folder).absolute())
        super().__init__(path, rules, now)
        self.label = os.fsdecode(path) if label is None else label
        self.paths = (path,)

    def root(self) -> LISTED:
        if self._rules.one_file_system:
            self._mounted = frozenset({os.stat(self._anchor).st_dev})  # noqa: PTH116 (a name in bytes)
        return self._anchor, None
