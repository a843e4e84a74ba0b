"""How a restore meets what is there already."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field
from enum import Enum

from backup.engine.format.trees import BLOCK, CHARACTER, DIRECTORY, FIFO, FILE, LINK, SOCKET, Node
from backup.engine.sources.patterns import NOTHING, Patterns

_TYPES = {
    FILE: stat.S_IFREG,
    DIRECTORY: stat.S_IFDIR,
    LINK: stat.S_IFLNK,
    FIFO: stat.S_IFIFO,
    SOCKET: stat.S_IFSOCK,
    CHARACTER: stat.S_IFCHR,
    BLOCK: stat.S_IFBLK,
}
KINDS = {type_: kind for kind, type_ in _TYPES.items()}


class Overwrite(Enum):
    """What happens to a name that is there."""

    REFUSE = "refuse"
    """The target must be empty."""
    ALWAYS = "always"
    IF_CHANGED = "if-changed"
    """A file of the same size and modification time counts as the same."""
    IF_NEWER = "if-newer"
    """Only what is older than in the snapshot is replaced."""
    NEVER = "never"
    VERIFY = "verify"
    """Files are compared by content, piece by piece; of a large one only the pieces that differ are written."""


class Owners(Enum):
    NAMES = "names"
    """By name, where the system knows it, else by number."""
    NUMBERS = "numbers"
    NOBODY = "nobody"
    """All belongs to who restores it."""


class Decision(Enum):
    MAKE = "make"
    REPLACE = "replace"
    COMPARE = "compare"
    """A file that may be the same."""
    SAME = "same"
    KEEP = "keep"
    BLOCKED = "blocked"
    """A folder is in its place."""


@dataclass(frozen=True)
class Options:
    path: bytes = b""
    """What of the snapshot is restored: a folder's content, or one file."""
    overwrite: Overwrite = Overwrite.REFUSE
    delete: bool = False
    """Whether what the snapshot doesn't hold is deleted from the target, but for what the patterns leave out, and what
    lies beside that which the save was asked for."""
    dry_run: bool = False
    include: Patterns | None = None
    exclude: Patterns = field(default=NOTHING)
    """Patterns count from what is restored."""
    owners: Owners = Owners.NAMES
    read_back: bool = False
    """Whether each file is read back from the disk once it is written."""


def decide(rule: Overwrite, node: Node, there: os.stat_result | None, *, delete: bool) -> Decision:
    """What to do with a name that isn't to be a folder, given what stands there."""
    if there is None:
        return Decision.MAKE
    if rule is Overwrite.NEVER or (rule is Overwrite.IF_NEWER and node["mt"] <= there.st_mtime_ns):
        return Decision.KEEP
    kind = stat.S_IFMT(there.st_mode)
    if kind == stat.S_IFDIR:
        return Decision.REPLACE if delete else Decision.BLOCKED
    if kind != _TYPES.get(node["t"]) or rule in (Overwrite.ALWAYS, Overwrite.IF_NEWER):
        return Decision.REPLACE
    if node["t"] == FILE:
        if there.st_size != node["s"]:
            return Decision.REPLACE if rule is Overwrite.IF_CHANGED else Decision.COMPARE
        if rule is Overwrite.VERIFY:
            return Decision.COMPARE
        return Decision.SAME if there.st_mtime_ns == node["mt"] else Decision.REPLACE
    if node["t"] in (CHARACTER, BLOCK) and there.st_rdev != os.makedev(*node["r"]):
        return Decision.REPLACE
    return Decision.COMPARE if node["t"] == LINK else Decision.SAME
