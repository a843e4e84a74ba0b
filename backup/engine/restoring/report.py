"""What a restore says while it works and at its end."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

MADE, CHANGED, SAME, KEPT, DELETED = "made", "changed", "same", "kept", "deleted"


@dataclass(frozen=True, slots=True)
class Event:
    """One thing of the target: what was done with it, or in a dry run what would be."""

    what: str
    """`made`, `changed` (something else was there), `same`, `kept` (the rule says so), `deleted`."""
    path: bytes
    kind: str
    size: int = 0


@dataclass(frozen=True)
class Progress:
    files: int
    bytes: int
    total: int
    """Bytes of all that is to be restored, as the snapshot knows it."""


@dataclass(frozen=True)
class Restored:
    """What a restore did. It is whole where `problems` is empty."""

    files: int
    """Those that now are as the snapshot holds them; `unchanged` of them were so before."""
    directories: int
    others: int
    """Links, devices and the like."""
    bytes: int
    verified: int
    """Files whose content has the hash that the snapshot holds: compared as it was written, or as it was found."""
    unchanged: int
    kept: int
    """Left as they were because the rule says so."""
    deleted: int
    problems: tuple[str, ...]


class Report:
    """Counts what is done, from several threads."""

    def __init__(self, events: Callable[[Event], None] | None) -> None:
        self._events = events
        self.listens = events is not None
        self.lock = threading.Lock()
        self.files = self.directories = self.others = self.bytes = self.verified = 0
        self.unchanged = self.kept = self.deleted = 0
        self.problems: list[str] = []

    def tell(self, what: str, path: bytes, kind: str, size: int = 0) -> None:
        if self._events is not None:
            with self.lock:
                self._events(Event(what, path, kind, size))

    def trouble(self, path: bytes, error: OSError | Exception | str) -> None:
        """Note what couldn't be restored, by its name."""
        why = (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
        with self.lock:
            self.problems.append(f"{path.decode(errors='backslashreplace') or '/'}: {why}")

    def count(self, *, files: int = 0, others: int = 0, bytes_: int = 0, verified: int = 0, unchanged: int = 0) -> None:
        with self.lock:
            self.files += files
            self.others += others
            self.bytes += bytes_
            self.verified += verified
            self.unchanged += unchanged

    def keep(self, path: bytes, kind: str) -> None:
        with self.lock:
            self.kept += 1
        self.tell(KEPT, path, kind)

    def result(self) -> Restored:
        return Restored(
            files=self.files,
            directories=self.directories,
            others=self.others,
            bytes=self.bytes,
            verified=self.verified,
            unchanged=self.unchanged,
            kept=self.kept,
            deleted=self.deleted,
            problems=tuple(dict.fromkeys(self.problems)),
        )
