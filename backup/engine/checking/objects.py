"""What can be said of every object but packs and snapshots: configs, badges, indexes and manifests, and of names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from backup.engine.checking.report import Seen
from backup.engine.errors import Damaged, Missing
from backup.engine.format import chain, cipher, config, index, keys, layout
from backup.engine.format.index import Manifest
from backup.engine.format.keys import Badge, Role
from backup.engine.history import History
from backup.engine.repository import Repository


def configs(repository: Repository) -> Iterator[Damaged | Seen]:
    """What is wrong with the row of configs; the newest is the last."""
    previous = chain.FIRST
    names = {one.name for one in repository.store.list("config")}
    for number in range(1, repository.config.number + 1):
        name = layout.config_name(number)
        names.discard(name)
        try:
            raw = repository.store.read(name)
            config.read(raw, repository.key, name)
            body = cipher.unpack(raw[layout.SIZE : -cipher.SIGNATURE], name)
            if previous not in (body["previous"], b""):
                yield Damaged(name, "doesn't follow the config before it")
            previous = cipher.digest(raw)
            if number == repository.config.number:
                yield Seen(name, previous.hex())
        except Missing:
            yield Damaged(name, "is gone: a later config is there")
            previous = b""
        except Damaged as error:
            yield error
            previous = b""
    if (zero := layout.config_name(0)) in names:
        yield Damaged(zero, "no config has this number")


def badges(repository: Repository) -> Iterator[Damaged]:
    """Badges that are damaged, and those of which nothing is there but what their keys left."""
    yield from (found for found in repository.examine_badges() if isinstance(found, Damaged))
    there = {one.name for one in repository.store.list("keys")}
    master = keys.key_id(repository.config.master)
    authors = {one.name.split("/")[1] for folder in ("snapshots", "acts") for one in repository.store.list(folder)}
    for author in sorted(authors - {master.hex()}):
        if (name := layout.badge_name(bytes.fromhex(author))) not in there:
            yield Damaged(name, "isn't there, though there is something that its key is to have signed")


def names(present: Iterable[str]) -> Iterator[Damaged]:
    """Names that the layout allows and that nothing is ever called."""
    for name in present:
        if name.startswith("packs/") and name != layout.pack_name(bytes.fromhex(name.rpartition("/")[2])):
            yield Damaged(name, "stands in a folder that isn't its own")


def digests(repository: Repository, folder: str, known: frozenset[str] = frozenset()) -> Iterator[Damaged]:
    """Objects below a folder whose bytes aren't those of their name; it takes no key to see that."""
    for one in repository.store.list(folder):
        if one.name not in known:
            try:
                layout.check_size(one.name, one.size)
                raw = repository.store.read(one.name)
                layout.parse(raw, layout.INDEX, repository.config.repository, one.name)
            except Missing:
                continue  # deleted since it was listed
            except Damaged as error:
                yield error
                continue
            if cipher.digest(raw).hex() != one.name.rpartition("/")[2]:
                yield Damaged(one.name, "its bytes aren't those of its name")


def manifests(
    repository: Repository, badges: Mapping[bytes, Badge], folder: str = "manifests"
) -> Iterator[Damaged | Manifest]:
    """What manifests tell, as far as the key opens them, and why writers rely on none of the others."""
    for one in repository.store.list(folder):
        try:
            layout.check_size(one.name, one.size)
            manifest = _manifest(repository, badges, one.name, one.received)
        except Missing:
            continue
        except Damaged as error:
            yield error
        else:
            if manifest is not None:
                yield manifest


def seen(repository: Repository, history: History, expected: Iterable[Seen]) -> Iterator[Damaged]:
    """What was there once and isn't any more, though nothing was said of it."""
    for one in expected:
        try:
            raw = repository.store.read(one.name)
        except Missing:
            if not _is_forgotten(history, one):
                yield Damaged(one.name, "is gone, though it was there before")
        else:
            if cipher.digest(raw).hex() != one.digest:
                yield Damaged(one.name, "isn't the object that was there before")


def newest(rows: Iterable[Seen]) -> list[Seen]:
    """The last of each row, to be expected next time."""
    last: dict[str, Seen] = {}
    for one in rows:
        folder = one.name.rpartition("/")[0]
        last[folder] = max(one, last.get(folder, one), key=lambda seen: seen.name)
    return sorted(last.values(), key=lambda one: one.name)


def _is_forgotten(history: History, one: Seen) -> bool:
    folder, *rest = one.name.split("/")
    if folder != "snapshots":
        return False
    said = history.forgotten.get((bytes.fromhex(rest[0]), int(rest[1], 16)))
    return said is not None and said.id.hex() in (one.digest, chain.FIRST.hex())


def _manifest(repository: Repository, badges: Mapping[bytes, Badge], name: str, received: int) -> Manifest | None:
    """Raises Damaged for a manifest that its audience won't rely on."""
    raw = repository.store.read(name)
    layout.parse(raw, layout.MANIFEST, repository.config.repository, name)
    if cipher.digest(raw).hex() != name.rpartition("/")[2]:
        raise Damaged(name, "its bytes aren't those of its name")
    author, audience = raw[layout.SIZE : layout.SIZE + 16], bytes.fromhex(name.split("/")[1])
    verify = _speaker(repository, badges, author, audience, name, received)
    if "share" in repository.key.shared:
        return index.read_manifest(repository.config, raw, verify, repository.key, name)
    if raw[layout.SIZE + 16 : layout.SIZE + 32] != audience:
        raise Damaged(name, "stands under a name that isn't its own")
    cipher.check_signed(verify, raw, name)
    return None


def _speaker(
    repository: Repository, badges: Mapping[bytes, Badge], author: bytes, audience: bytes, name: str, received: int
) -> bytes:
    """The key by which a manifest must be signed. Raises Damaged where its author may not say this to its audience."""
    everybody = audience == layout.EVERYBODY
    if everybody and repository.config.isolated:
        raise Damaged(name, "is for everybody in a repository where each writer is alone")
    if not everybody and (audience not in badges or badges[audience].role is not Role.WRITER):
        raise Damaged(name, "is for a writer that the master didn't let in")
    if author == keys.key_id(repository.config.master):
        return repository.config.master
    badge = badges.get(author)
    if badge is None:
        raise Damaged(name, "signed by a key that the master didn't let in")
    if badge.role not in (Role.VERIFIER, Role.PRUNER) or (everybody and badge.role is Role.PRUNER):
        raise Damaged(name, f"signed by a {badge.role.name.lower()} key, which may not say this to its audience")
    revoked = repository.config.revoked.get(author)
    if revoked is not None and received > revoked.since:
        raise Damaged(name, "signed by a key that was revoked")
    return badge.verify
