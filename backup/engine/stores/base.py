"""Where objects lie: names to bytes, created once and never changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from backup.engine.format.cipher import Bytes


@dataclass(frozen=True, slots=True)
class Listed:
    """One object as the store sees it."""

    name: str
    size: int
    received: int
    """When the store took it, in nanoseconds since 1970 by the store's own clock: no writer can set it."""


class Store(Protocol):
    """What a place must be able to do to hold a repository. Safe to use from several threads.

    Names are those of `layout.NAME`; anything else in the store is left alone and never listed. Every method may
    raise Unreachable (after its own tries), Denied and Full.
    """

    def prepare(self) -> None:
        """Make the place of a new repository. Raises BackupError where it holds something else."""

    def create(self, name: str, parts: Sequence[Bytes], *, urgent: bool = False) -> None:
        """Keep the parts in a row under a new name, durably, whole or not at all. Raises AlreadyThere.

        What is `urgent` (it leads to room being made) may use what the store holds in reserve.
        """

    def read(self, name: str, offset: int = 0, length: int | None = None) -> bytes:
        """The object, or a part of it (shorter where the object ends). Raises Missing."""

    def list(self, prefix: str) -> Iterator[Listed]:
        """What lies below a folder of the layout (``packs``, ``snapshots/<writer>``), in no order; maybe nothing."""

    def look(self, name: str) -> Listed:
        """What a list would say of one object, without reading it. Raises Missing."""

    def delete(self, name: str) -> None:
        """Take an object away, for good. One that isn't there is no error."""

    def now(self) -> int:
        """The time by the clock that dates what is received, in nanoseconds since 1970."""

    def tidy(self) -> None:
        """Drop what was left unfinished more than a day ago, and fill the reserve again."""

    def probe(self) -> None:
        """Write something of no worth and take it away again: whether there is a place to make repositories in."""

    def erase(self) -> None:
        """Take away all that lies here. Raises StillLocked where something is protected: then nothing was taken."""

    def close(self) -> None:
        """Let connections go. Twice does no harm."""


@runtime_checkable
class Ordered(Protocol):
    """A store that lists in the order of names, from wherever it is asked to."""

    def list_after(self, prefix: str, after: str) -> Iterator[Listed]:
        """What lies below a folder under names that come after this one."""


@runtime_checkable
class Locking(Protocol):
    """A store that can refuse deletion, even by who holds its credentials, until a date."""

    def locked_until(self, name: str) -> int:
        """Nanoseconds since 1970; 0 where nothing protects it."""

    def lock_until(self, name: str, until: int) -> None:
        """Extend the protection of an object. Never shortens it."""
