"""What a check found: every problem with what follows from it, and every file that is touched by name."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum

from backup.engine.errors import Damaged

MOST_NAMED = 100_000
"""Files of one snapshot that a report names at most."""


class Level(StrEnum):
    QUICK = "quick"
    """Signatures, chains, indexes, and that every pack is there with its size."""
    SAMPLED = "sampled"
    """That, the trees, and a share of the packs read whole."""
    FULL = "full"
    """That, and every byte of every object and every file's hash."""


class Kind(StrEnum):
    CONFIG = "config"
    BADGE = "badge"
    ACT = "act"
    SNAPSHOT = "snapshot"
    INDEX = "index"
    PACK = "pack"
    MANIFEST = "manifest"
    STRAY = "stray"


_FOLDERS = {
    "config": Kind.CONFIG,
    "keys": Kind.BADGE,
    "acts": Kind.ACT,
    "snapshots": Kind.SNAPSHOT,
    "index": Kind.INDEX,
    "packs": Kind.PACK,
    "manifests": Kind.MANIFEST,
}
_CONSEQUENCES = {
    Kind.CONFIG: "who may write can't be told for sure: bring this object back from a copy",
    Kind.BADGE: "what this key signed counts for nothing until its badge is back",
    Kind.ACT: "what it said counts for nothing: look at what is forgotten, held and condemned",
    Kind.SNAPSHOT: "this save can't be restored",
    Kind.INDEX: "no file of a kept snapshot is lost by it",
    Kind.PACK: "no file of a kept snapshot is lost by it",
    Kind.MANIFEST: "writers don't rely on it and store more; no file is lost by it",
    Kind.STRAY: "nothing reads it",
}


@dataclass(frozen=True)
class Problem:
    """One object that isn't what it should be."""

    kind: Kind
    object: str
    why: str
    consequence: str


@dataclass(frozen=True)
class Loss:
    """A file, or a directory (its path ends with a slash), that can't be restored whole."""

    path: str
    why: str


@dataclass(frozen=True)
class Touched:
    """What a snapshot has lost."""

    snapshot: str
    name: str
    source: str
    finished: int
    losses: tuple[Loss, ...]
    more: bool
    """There is more than a report names."""


@dataclass(frozen=True)
class Seen:
    """An object that was there once, by the digest of its bytes: who keeps it notices when the store takes it back."""

    name: str
    digest: str


@dataclass(frozen=True)
class Report:
    """The repository is sound, as far as the level goes, where nothing is a problem and nothing is touched."""

    level: Level
    repository: str
    key: str
    """The role of the key that looked; `onlooker` for none."""
    started: int
    finished: int
    snapshots: int
    """Kept ones that are sound themselves."""
    forgotten: int
    packs: int
    packs_read: int
    packs_passed: int
    """Not read because an earlier check found them sound lately."""
    blobs_read: int
    bytes_read: int
    unused: int
    """Packs that no index in use lists: left by saves that were stopped, or to be deleted."""
    waiting: int
    """Damaged objects that an act says are to go, and that nothing needs."""
    problems: tuple[Problem, ...]
    touched: tuple[Touched, ...]
    whole: tuple[str, ...]
    """Snapshots of which nothing is known to be lost."""
    seen: tuple[Seen, ...]
    """The newest config, and the newest act and snapshot of each key: hand them to the next check."""

    @property
    def sound(self) -> bool:
        return not self.problems and not self.touched

    def files(self) -> Iterator[tuple[str, str]]:
        """Every path that is touched, with its snapshot."""
        return ((one.snapshot, loss.path) for one in self.touched for loss in one.losses)


def kind_of(name: str) -> Kind:
    """What sort of object stands, or should stand, under a name."""
    return _FOLDERS.get(name.partition("/")[0], Kind.STRAY)


def problem(found: Damaged, losses: int | None) -> Problem:
    """A problem with its consequence. `losses` are the files it touches; None where the key can't tell."""
    kind = kind_of(found.name)
    consequence = _CONSEQUENCES[kind]
    if kind in (Kind.INDEX, Kind.PACK):
        if losses is None:
            consequence = "which files it touches shows to a key that opens trees"
        elif losses:
            consequence = f"{losses} files or directories of kept snapshots can't be restored whole"
    return Problem(kind, found.name, found.why, consequence)


def shown(path: bytes) -> str:
    """A path as people and JSON take it: other bytes are shown as escapes."""
    return path.decode(errors="backslashreplace")


def as_json(report: Report) -> str:
    return json.dumps(asdict(report) | {"sound": report.sound}, ensure_ascii=False, indent=1)


def as_text(report: Report) -> str:
    """What a person reads in a terminal or a mail."""
    verdict = "sound" if report.sound else "NOT SOUND"
    lines = [
        f"{verdict}: {report.level} check of repository {report.repository} with a key of role {report.key}",
        f"{report.snapshots} snapshots kept, {report.forgotten} forgotten",
        f"{report.packs} packs: {report.packs_read} read whole, {report.packs_passed} lately, {report.unused} unused",
    ]
    lines += [f"{one.object}: {one.why}; {one.consequence}" for one in report.problems]
    for one in report.touched:
        lines.append(f"snapshot {one.snapshot[:16]} of {one.source} can't be restored whole:")
        lines += [f"  {loss.path or '/'}: {loss.why}" for loss in one.losses]
        lines += ["  and more"] if one.more else []
    if report.touched:
        lines.append(f"{len(report.whole)} snapshots are untouched")
    return "\n".join(lines) + "\n"
