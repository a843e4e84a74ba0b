"""Keep tokens in a file that nobody else reads."""

from __future__ import annotations

import json
import os
import stat
import tempfile
from pathlib import Path
from typing import Any

from core.provider.engine.wire import Failed


def read(path: Path) -> dict[str, Any]:
    """What was kept; empty where nothing was. Raises Failed where others could have read it."""
    try:
        with path.open("rb") as file:
            state = os.fstat(file.fileno())
            if stat.S_IMODE(state.st_mode) & 0o077 or state.st_uid != os.getuid():
                raise Failed(f"{path} may be read by others: remove it and sign in again")
            kept = json.load(file)
    except FileNotFoundError:
        return {}
    except ValueError:
        return {}
    return kept if isinstance(kept, dict) else {}


def write(path: Path, kept: dict[str, Any]) -> None:
    """Whole or not at all, and never readable by others, not even while it is written."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # 0600 from its first moment
    try:
        with os.fdopen(handle, "w") as file:
            json.dump(kept, file)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
