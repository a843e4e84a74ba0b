"""What a parser says of a file that it doesn't take. Imported inside the sandbox: nothing else comes with it."""

from __future__ import annotations

from typing import Any


class Unreadable(ValueError):
    """The file isn't what it should be. `code` says what is wrong, `details` where: numbers and short words only."""

    def __init__(self, code: str, **details: Any) -> None:
        super().__init__(code)
        self.code, self.details = code, details
