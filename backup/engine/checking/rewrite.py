"""Snapshots that lost something for good: made anew without it, so that what is left is a snapshot that is whole."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from backup.engine.checking.announcing import Announcer
from backup.engine.checking.check import touched
from backup.engine.checking.indexing import write_indexes
from backup.engine.checking.report import Touched
from backup.engine.checking.rewriting import Rewriter, Rewritten
from backup.engine.checking.survey import Survey
from backup.engine.checking.view import View
from backup.engine.checking.walk import Losses, top
from backup.engine.format.acts import Clear, Said
from backup.engine.format.keys import Role
from backup.engine.format.packs import Written
from backup.engine.format.snapshots import Counts, Effort, Snapshot, Taken
from backup.engine.history import say

REPAIRED = "repaired"
"""The tag of such a snapshot, and the note that names the one in whose place it is."""


@dataclass(frozen=True)
class Rewrite:
    """One snapshot that was damaged."""

    snapshot: str
    instead: str
    """The new one, which isn't in the store after a dry run; empty where nothing is left."""
    counts: Counts
    """What is left."""
    lost: Touched


@dataclass(frozen=True)
class Rewrites:
    dry_run: bool
    rewrites: tuple[Rewrite, ...]
    forgotten: tuple[str, ...]


def rewrite_snapshots(
    found: Survey, *, clock: Callable[[], int], forget: bool = False, dry_run: bool = False
) -> Rewrites:
    """Make each damaged snapshot of a survey anew without what is lost; with the master's key.

    The original stays unless it is to be forgotten, and then only where something is left that takes its place.
    """
    repository = found.repository
    repository.key.require(Role.MASTER)
    announcer = Announcer(repository, label=REPAIRED, now=clock(), dry_run=dry_run)
    rewrites = [_rewrite(found, announcer, snapshot, losses, dry_run) for snapshot, losses in found.touched]
    done = {one.snapshot for one in rewrites if one.instead}
    gone = [snapshot for snapshot, _ in found.touched if forget and snapshot.id.hex() in done]
    if gone and not dry_run:
        which = tuple((one.head.author, one.head.sequence, one.id) for one in gone)
        said = Said(time=clock(), why="damaged, and made anew without what is lost", forget=which)
        say(repository.store, repository.config, repository.key, found.history, Clear(), said)
    return Rewrites(dry_run, tuple(rewrites), tuple(one.id.hex() for one in gone))


def _rewrite(found: Survey, announcer: Announcer, snapshot: Snapshot, losses: Losses, dry_run: bool) -> Rewrite:
    repository, holdings = found.repository, found.holdings
    indexes = found.indexes_of(snapshot)
    view = View(repository, holdings)
    view.enter(repository.config.audience(snapshot.head.author), indexes)
    rewriter = Rewriter(view, announcer.repository, dry_run=dry_run)
    made = rewriter.rewrite(top(snapshot), {path for path, _ in losses.found})
    written = rewriter.close()
    id_ = b""
    if made.root:
        sound = tuple(index for index in indexes if index not in holdings.lost_indexes)
        kept = () if repository.config.isolated else sound
        id_ = announcer.announce(
            _taken(snapshot, made, (*kept, *write_indexes(repository, written, dry_run=dry_run)), written)
        )
    return Rewrite(snapshot.id.hex(), id_.hex(), made.counts, touched(snapshot, Losses(made.losses)))


def _taken(snapshot: Snapshot, made: Rewritten, indexes: tuple[bytes, ...], written: list[Written]) -> Taken:
    return Taken(
        source=snapshot.source,
        host=snapshot.host,
        paths=snapshot.paths,
        tags=tuple(dict.fromkeys((*snapshot.tags, REPAIRED))),
        started=snapshot.started,
        finished=snapshot.finished,
        root=made.root,
        depth=made.depth,
        indexes=indexes,
        counts=made.counts,
        effort=Effort(added=sum(pack.size for pack in written)),
        notes={**snapshot.notes, REPAIRED: snapshot.id.hex()},
    )
