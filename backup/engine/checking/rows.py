"""Rows of snapshots as anybody sees them who can open none: signatures, numbers, and each naming the one before."""

from __future__ import annotations

from collections.abc import Iterator

from backup.engine.checking.report import Seen
from backup.engine.errors import Damaged, Missing
from backup.engine.format import chain, cipher, layout
from backup.engine.format.chain import Head
from backup.engine.format.keys import Badge, Role
from backup.engine.history import History
from backup.engine.repository import Repository


def heads(repository: Repository, history: History) -> Iterator[Seen | Damaged]:
    """Every snapshot that is sound as far as it can be seen, and what is wrong with the rest.

    Acts that stay shut may explain missing numbers: none is missed.
    """
    last: dict[bytes, tuple[int, bytes]] = {}
    for one in sorted(repository.store.list("snapshots"), key=lambda one: one.name):
        _, folder, number = one.name.split("/")
        writer, sequence = bytes.fromhex(folder), int(number, 16)
        try:
            layout.check_size(one.name, one.size)
            raw = repository.store.read(one.name)
            head = _head(repository, history.badges, raw, writer, sequence, one.name)
        except Missing:
            continue
        except Damaged as error:
            last.pop(writer, None)
            yield error
            continue
        before, digest = last.get(writer, (0, chain.FIRST))
        if sequence == before + 1 and head.previous != digest:
            yield Damaged(one.name, "doesn't follow the snapshot before it")
        last[writer] = (sequence, cipher.digest(raw))
        yield Seen(one.name, cipher.digest(raw).hex())


def _head(
    repository: Repository, badges: dict[bytes, Badge], raw: bytes, writer: bytes, sequence: int, name: str
) -> Head:
    badge = badges.get(writer)
    if badge is None:
        raise Damaged(name, "signed by a key that the master didn't let in")
    if badge.role is not Role.WRITER:
        raise Damaged(name, "signed by a key that may not save")
    revoked = repository.config.revoked.get(writer)
    if revoked is not None and sequence > revoked.last:
        raise Damaged(name, "signed by a key that was revoked")
    return chain.read_head(raw, layout.SNAPSHOT, badge.verify, repository.config.repository, name)
