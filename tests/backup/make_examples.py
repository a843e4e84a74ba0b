"""Whole small repositories for vectors.json, with all that happens to one, and what a reader must find in them."""

from __future__ import annotations

import base64
import itertools
import os
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import quote_from_bytes

from blake3 import blake3

from backup.engine.format import keyfile, keys, layout
from backup.engine.format.keys import Key, Role
from backup.engine.format.snapshots import Snapshot
from backup.engine.keeping import forget, judging
from backup.engine.keeping.prune import prune
from backup.engine.repository import Repository, in_order
from backup.engine.saving.save import save
from backup.engine.saving.state import State
from backup.engine.sources.folder import FolderSource
from backup.engine.stores.local import LocalStore

NOW = 1_800_000_000_000_000_000
SECOND = 1_000_000_000
PASSPHRASE = "œuf"


class Place:
    """A repository in the making and the folder that it saves."""

    def __init__(self, base: Path, *, suite: int, isolated: bool) -> None:
        self.base, self.source = base, base / "source"
        self.master = keys.master(bytes(range(suite, suite + 32)), bytes(range(0xA0, 0xB0)), suite=suite)
        self.store = LocalStore(base / "repository")
        self.store.prepare()
        Repository.create(self.store, self.master, now=NOW, isolated=isolated)
        self.clock = itertools.count(NOW).__next__
        self.source.mkdir()

    def opened(self, key: Key) -> Repository:
        return Repository.open(self.store, key)

    def derive(self, role: Role) -> Key:
        return self.opened(self.master).derive(role, label=role.name.lower(), now=NOW)

    def write(self, path: str, content: bytes) -> Path:
        target = self.source / path
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(content)
        return target

    def save(self, writer: Key) -> bytes:
        """A snapshot of the source, whose times are always the same."""
        folders = sorted(self.source.rglob("*"), reverse=True)
        for number, path in enumerate([*folders, self.source]):
            os.utime(path, ns=(NOW, NOW - number * SECOND - 1), follow_symlinks=False)
        source = FolderSource(self.source, now=NOW * 2, label="exemple")
        with State(self.base / writer.key_id.hex()) as state, patch("platform.node", return_value="vectors"):
            return save(self.opened(writer), state, source, clock=self.clock, workers=1).snapshot

    def objects(self) -> dict[str, Any]:
        """Every object with when the store received it, in seconds that keep the order."""
        paths = [path for path in self.store.folder.rglob("*") if path.is_file() and path.name != "reserve"]
        moments = sorted({path.stat().st_mtime_ns for path in paths})
        return {
            path.relative_to(self.store.folder).as_posix(): [
                NOW // SECOND + moments.index(path.stat().st_mtime_ns),
                base64.b64encode(path.read_bytes()).decode(),
            ]
            for path in sorted(paths)
        }


def picture(folder: Path) -> dict[str, list[Any]]:
    """What a restore must bring back: kind and mode, time, names, content or target, attributes; by path."""
    return {
        quote_from_bytes(os.fsencode(path.relative_to(folder))): list(_one(path)) for path in sorted(folder.rglob("*"))
    }


def _one(path: Path) -> Iterator[Any]:
    status = path.lstat()
    yield f"{status.st_mode:o}" if not path.is_symlink() else "link"
    yield status.st_mtime_ns
    yield status.st_nlink if not path.is_dir() else 0
    if path.is_symlink():
        yield quote_from_bytes(os.fsencode(path.readlink()))
    elif stat.S_ISREG(status.st_mode):
        yield f"{status.st_size} {blake3(path.read_bytes()).hexdigest()[:32]}"
        yield {name: os.getxattr(path, name).hex() for name in os.listxattr(path) if name.startswith("user.")}


def counting(repository: Repository) -> list[str]:
    """The ids of the snapshots that count and aren't forgotten, as the store received them."""
    history = repository.history()
    found = [one for one in repository.examine(history) if isinstance(one, Snapshot)]
    return [one.id.hex() for one in in_order(found) if not history.is_forgotten(one)]


def eventful(base: Path) -> dict[str, Any]:
    """Two epochs, two snapshots forgotten of which one is held and one pruned, packs joined, a writer revoked."""
    place = Place(base, suite=layout.AES, isolated=False)
    writer, other, old, pruner = map(place.derive, (Role.WRITER, Role.WRITER, Role.READER, Role.PRUNER))
    place.write("lettre.txt", "Chère consœur,\n".encode())
    place.write("dossier/vide", b"").chmod(0o600)
    table = place.write("dossier/répété.csv", b"a;b\n1;2\n" * 500)
    (place.source / "dossier" / "autre nom").hardlink_to(table)
    (place.source / "lien").symlink_to("dossier/répété.csv")
    os.mkfifo(place.source / "tube", 0o640)
    first = place.save(writer)
    place.write("journal", bytes(range(256)) * 8)
    second = place.save(writer)
    place.save(other)
    revoked = place.save(other)
    with place.write("trous", b"").open("r+b") as file:
        file.seek(1 << 20)
        file.write(b"au milieu")
        file.truncate(3 << 20)
    place.write("long", b"\1" * (9 << 20))
    os.setxattr(place.write("lettre.txt", "Cher confrère,\n".encode()), "user.note", b"\0lu")
    (place.source / os.fsdecode(b"nom \xff")).symlink_to(os.fsdecode(b"vers \xfe"))
    (place.source / "journal").unlink()
    third = place.save(writer)
    repository = place.opened(pruner)
    gone, kept = repository.snapshot(first), repository.snapshot(second)
    forget.forget(repository, [gone, kept], now=NOW, why="exemple")
    forget.hold(place.opened(old), [kept], now=NOW)
    with patch.object(judging, "MOST_SMALL", 1):  # so that even two small packs are joined
        for _ in range(2):
            prune(place.opened(pruner), now=place.clock, grace=0, forced=True)
    place.opened(place.master).revoke(other.key_id, last=1, now=NOW)
    place.opened(place.master).rekey(now=NOW)
    reader = place.derive(Role.READER)
    place.write("dernier", b"de la nouvelle \xc3\xa9poque")
    newest = place.save(writer)
    held = counting(place.opened(reader))
    assert {second.hex(), third.hex(), newest.hex()} < set(held)
    assert not {first.hex(), revoked.hex()} & set(held)
    return {
        "objects": place.objects(),
        "snapshots": held,
        "revoked": layout.snapshot_name(other.key_id, 2),
        "files": picture(place.source),
    } | _keys(place.master, reader, old)


def isolated(base: Path) -> dict[str, Any]:
    """The other suite, and two writers who share nothing of what they save."""
    place = Place(base, suite=layout.CHACHA, isolated=True)
    one, two, reader = map(place.derive, (Role.WRITER, Role.WRITER, Role.READER))
    place.write("lettre.txt", "Chère consœur,\n".encode())
    place.save(one)
    place.write("dossier/copie", "Chère consœur,\n".encode())
    place.save(two)
    held = counting(place.opened(reader))
    return (
        {"objects": place.objects(), "snapshots": held} | _keys(place.master, reader) | {"files": picture(place.source)}
    )


def _keys(master: Key, reader: Key, old: Key | None = None) -> dict[str, Any]:
    return {
        "master": keyfile.dump(master),
        "reader": keyfile.dump(reader),
        "protected": {"passphrase": PASSPHRASE, "keyfile": keyfile.dump(reader, PASSPHRASE)},
    } | ({"old reader": keyfile.dump(old)} if old else {})


def make() -> dict[str, Any]:
    made = {}
    before = os.umask(0o022)
    for how in (eventful, isolated):
        with tempfile.TemporaryDirectory() as name:
            made[how.__name__] = how(Path(name))
    os.umask(before)
    return made
