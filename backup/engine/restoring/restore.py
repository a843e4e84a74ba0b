"""Restore a snapshot, or a part of it, into a folder: each name inside it, each byte verified, nothing followed."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from backup.engine.errors import BackupError, Busy
from backup.engine.format.trees import DIRECTORY, FILE, Node
from backup.engine.reading.catalogue import Catalogue
from backup.engine.restoring.folders import LISTING, Folder, Folders
from backup.engine.restoring.metadata import hands_down
from backup.engine.restoring.options import Options, Overwrite
from backup.engine.restoring.report import Event, Progress, Report, Restored
from backup.engine.restoring.site import Site
from backup.engine.restoring.walk import Walk
from backup.engine.restoring.work import Work

__all__ = ["Event", "Options", "Overwrite", "Progress", "Restored", "restore"]

_DEFAULTS = Options()


def restore(
    catalogue: Catalogue,
    target: Path,
    options: Options = _DEFAULTS,
    *,
    workers: int = 2,
    progress: Callable[[Progress], None] = lambda _progress: None,
    events: Callable[[Event], None] | None = None,
) -> Restored:
    """Restore into `target`, which is made where it isn't there. What can't be restored is left out and told.

    A second run with another rule than `refuse` makes what a first one that was stopped didn't. `progress` is called
    in the caller's thread and may raise to stop. `events` is called from any thread, never from two at once. A store
    that is far away is read with many workers. Raises Missing where the snapshot has no such path.
    """
    node = catalogue.find(options.path)
    report = Report(events)
    report.problems += map(str, catalogue.missing)
    with _opened(target, node, options) as top:
        folders = Folders(top)
        site = Site(catalogue, options, report, folders)
        with contextlib.closing(folders):
            work = Work(site, workers, progress, _total(catalogue, options, node))
            with contextlib.closing(work):
                Walk(site, work, None if node["t"] == DIRECTORY else node).run(top)
    return report.result()


@contextlib.contextmanager
def _opened(target: Path, node: Node, options: Options) -> Iterator[Folder]:
    """The target as a folder, locked against a second restore into it."""
    is_new = not target.exists()
    top = Folder(_inside(node), b"", None, included=options.include is None)
    top.entered = True
    if is_new and options.dry_run:
        yield top
        return
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(target, LISTING)
    try:
        is_empty = not os.listdir(descriptor)  # noqa: PTH208 (a descriptor)
        if options.overwrite is Overwrite.REFUSE and not is_empty:
            raise BackupError(f"{target} isn't empty")
        if not options.dry_run:
            _lock(descriptor, target)
    except BaseException:
        os.close(descriptor)
        raise
    top.descriptor, top.exists, top.is_new = descriptor, True, is_empty
    top.inherits = hands_down(descriptor)
    if is_new and node["t"] == DIRECTORY and options.path.strip(b"/"):
        top.node = node
    yield top


def _inside(node: Node) -> Node:
    """A folder without metadata of its own: the target keeps what it has."""
    return {key: node[key] for key in ("t", "n", "c", "p") if key in node}


def _lock(descriptor: int, target: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno == errno.EWOULDBLOCK:
            raise Busy(f"another restore into {target} is under way") from error


def _total(catalogue: Catalogue, options: Options, node: Node) -> int:
    """Bytes of what is to be restored, patterns aside."""
    if not options.path.strip(b"/"):
        return catalogue.snapshot.counts.bytes
    if node["t"] != DIRECTORY:
        size: int = node.get("s", 0)
        return size
    below = catalogue.walk(lambda _path, _error: None, node)
    return sum(one["s"] for _, one in below if one["t"] == FILE)
