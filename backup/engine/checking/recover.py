"""Snapshots of trees that no snapshot names any more: where snapshots were lost, their files needn't be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from backup.engine.checking.announcing import Announcer
from backup.engine.checking.indexing import write_indexes
from backup.engine.checking.orphans import Orphans
from backup.engine.checking.repair import unlisted
from backup.engine.checking.report import Loss, shown
from backup.engine.checking.rewriting import Rewriter, Rewritten
from backup.engine.checking.survey import Survey
from backup.engine.checking.view import View
from backup.engine.errors import Damaged
from backup.engine.format import blobs, trees
from backup.engine.format.keys import Role
from backup.engine.format.packs import Written
from backup.engine.format.snapshots import Counts, Effort, Taken
from backup.engine.format.trees import Node

RECOVERED = "recovered"
"""The source and the tag of such a snapshot."""
_EVERY_PACK = bytes(32)
"""Stands for an index that lists every pack of the store."""


@dataclass(frozen=True)
class Recovered:
    """One tree that has a snapshot again."""

    snapshot: str
    """Not in the store after a dry run."""
    newest: int
    """When the newest thing in its top directory was changed: about when it was saved."""
    counts: Counts
    lost: tuple[Loss, ...]
    """What of it can't be had and was left out."""


def recover(found: Survey, *, clock: Callable[[], int], dry_run: bool = False) -> tuple[Recovered, ...]:
    """Make snapshots of the trees that neither a tree nor a snapshot names; with the master's key.

    A save that was stopped leaves such trees too: parts of what would have become one.
    """
    found.repository.key.require(Role.MASTER)
    now = clock()
    announcer = Announcer(found.repository, label=RECOVERED, now=now, dry_run=dry_run)
    view = View(found.repository, found.holdings)
    made = []
    for audience in _audiences(found):
        packs = _take_in(found, audience)
        view.enter(audience, [_EVERY_PACK])
        roots = sorted((_newest(view, root), root["c"], root) for root in Orphans(found, view, packs).roots())
        indexes: tuple[bytes, ...] = ()
        if roots and not found.repository.config.isolated:
            indexes = write_indexes(found.repository, packs, dry_run=dry_run)
        for newest, _, root in roots:
            rewriter = Rewriter(view, announcer.repository, dry_run=dry_run)
            tree = rewriter.rewrite(root)
            added = write_indexes(found.repository, rewriter.close(), dry_run=dry_run)
            if tree.root:
                id_ = announcer.announce(_taken(tree, newest, now, (*indexes, *added)))
                lost = tuple(Loss(shown(path), str(why)) for path, why in tree.losses)
                made.append(Recovered(id_.hex(), newest, tree.counts, lost))
    return tuple(made)


def _audiences(found: Survey) -> list[bytes | None]:
    """Whose ids blobs may have."""
    if not found.repository.config.isolated:
        return [None]
    return [key_id for key_id, badge in sorted(found.history.badges.items()) if badge.role is Role.WRITER]


def _take_in(found: Survey, audience: bytes | None) -> list[Written]:
    """Every pack that can be read, as one index: it stands for one that was lost."""
    listed = [number for number, one in enumerate(found.holdings.listings) if one.audience == audience]
    numbers = [number for number in dict.fromkeys([*listed, *unlisted(found, audience)]) if found.stays(number)]
    found.holdings.relist(_EVERY_PACK, audience, numbers)
    return [found.holdings.listings[number].pack for number in numbers]


def _newest(view: View, root: Node) -> int:
    """When the newest thing in a directory was changed; 0 for one that can't be read or is empty."""
    try:
        nodes = (trees.parse(view.read(id_, blobs.TREE), None, RECOVERED) for id_ in view.ids(root))
        return max((node["mt"] for some in nodes for node in some), default=0)
    except Damaged:
        return 0


def _taken(tree: Rewritten, newest: int, now: int, indexes: tuple[bytes, ...]) -> Taken:
    return Taken(
        source=RECOVERED,
        host="",
        paths=(),
        tags=(RECOVERED,),
        started=newest,
        finished=newest,
        root=tree.root,
        depth=tree.depth,
        indexes=indexes,
        counts=tree.counts,
        effort=Effort(),
        notes={RECOVERED: str(now)},
    )
