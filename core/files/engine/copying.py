"""The least that the sandbox can do: copy. It shows that the box opens."""

from __future__ import annotations

import shutil
from typing import BinaryIO


def copy(source: BinaryIO, result: BinaryIO) -> None:
    shutil.copyfileobj(source, result)
