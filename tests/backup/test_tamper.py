"""Nobody changes a repository unseen: not the storage, not a thief of a writer's key, not chance."""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import msgpack
import pytest

from backup.engine.checking.check import Report, check
from backup.engine.errors import BackupError, Damaged, KeyRefused, Missing
from backup.engine.format import cipher, keys, layout, snapshots
from backup.engine.reading.catalogue import Catalogue
from backup.engine.repository import Repository
from tests.backup.conftest import Vault, picture


@pytest.fixture
def saved(vault: Vault) -> Vault:
    """Two snapshots of a few small files."""
    for number in range(6):
        (vault.source / f"file {number}").write_bytes(random.Random(number).randbytes(300))
    (vault.source / "folder").mkdir()
    (vault.source / "folder" / "note").write_text("hello " * 50)
    vault.save()
    (vault.source / "folder" / "note").write_text("goodbye " * 50)
    vault.save()
    return vault


def full(vault: Vault) -> Report:
    return check(vault.as_reader(), share=1, choose=random.Random(1))


def test_sound(saved: Vault) -> None:
    """A repository nobody touched has nothing to tell, whichever share of it is read."""
    for share in (0, 0.3, 1):
        report = check(saved.as_reader(), share=share, choose=random.Random(1))
        assert (report.problems, report.files, report.snapshots, report.unused) == ((), (), 2, 0)
    assert report.packs_read == report.packs == 4
    assert report.blobs_read > 8


def test_every_changed_byte_is_found(saved: Vault) -> None:
    """Whichever single byte of whichever object is changed, a full check finds it or the repository doesn't open."""
    chance = random.Random(3)
    for path in saved.objects():
        original = path.read_bytes()
        places = set(range(24)) | set(range(len(original) - 5, len(original)))
        places |= set(chance.sample(range(len(original)), min(len(original), 25)))
        for place in sorted(places):
            path.write_bytes(
                original[:place] + bytes([original[place] ^ (1 << chance.randrange(8))]) + original[place + 1 :]
            )
            try:
                found: object = full(saved).problems
            except BackupError as error:
                found = error
            assert found, f"byte {place} of {path}"
        path.write_bytes(original)
    assert full(saved).problems == ()


@pytest.mark.parametrize("kind", ["packs", "index", "snapshots", "keys", "config"])
@pytest.mark.parametrize("damage", ["truncated", "emptied", "removed", "doubled"])
def test_damaged_objects_are_found(saved: Vault, kind: str, damage: str) -> None:
    """An object that is cut, emptied, gone or grown is found, whatever it is."""
    for path in saved.objects(kind) or [saved.store.folder / kind]:
        original = path.read_bytes()
        if damage == "removed":
            path.unlink()
        else:
            path.write_bytes({"truncated": original[:-1], "emptied": b"", "doubled": original * 2}[damage])
        try:  # that the newest snapshot is gone shows only to those who remember it, as the writer does
            found: object = full(saved).problems or full(saved).snapshots != 2
        except (Damaged, Missing, KeyRefused) as error:
            found = error
        assert found, path
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(original)


@pytest.mark.parametrize("kind", ["packs", "index", "snapshots"])
def test_swapped_objects_are_found(saved: Vault, kind: str) -> None:
    """Two objects that exchange their names are found, and nothing false is restored."""
    was = picture(saved.source)
    first, second, *_ = saved.objects(kind)
    first.rename(saved.base / "swap")
    second.rename(first)
    (saved.base / "swap").rename(second)
    assert full(saved).problems
    for snapshot in saved.as_reader().examine():
        if not isinstance(snapshot, Damaged):
            target = saved.base / f"out-{snapshot.head.sequence}"
            from backup.engine.reading.restore import restore

            result = restore(Catalogue(saved.as_reader(), snapshot), target)
            for name, (_, _, content) in picture(target).items():
                if snapshot.head.sequence == 2:
                    assert content == was[name][2]
            assert result.problems or len(picture(target)) == len(was)


def test_replayed_snapshot_is_found(saved: Vault) -> None:
    """An old snapshot can't stand in for a newer one, under its name or under a new one."""
    first, second = saved.objects("snapshots")
    (second.parent / f"{3:016x}").write_bytes(first.read_bytes())
    assert any("name that isn't its own" in problem for problem in full(saved).problems)
    second.write_bytes(first.read_bytes())
    assert any("name that isn't its own" in problem for problem in full(saved).problems)


def test_a_deleted_middle_is_found(saved: Vault) -> None:
    """A snapshot taken out of the row leaves a gap that every later check names."""
    saved.save()
    saved.objects("snapshots")[1].unlink()
    assert any("is gone: later snapshots" in problem for problem in full(saved).problems)


def test_objects_of_another_repository_are_refused(saved: Vault, new_vault: Callable[[], Vault]) -> None:
    """Objects brought over from another repository, even of the same master seed, don't open here."""
    other = new_vault()
    (other.source / "x").write_text("other")
    other.save()
    for path in other.objects("snapshots") + other.objects("keys"):
        target = saved.store.folder / path.relative_to(other.store.folder)
        target.parent.mkdir(exist_ok=True)
        shutil.copy(path, target)
    report = full(saved)
    assert report.snapshots == 2
    assert any("belongs to another repository" in problem for problem in report.problems)
    assert any("didn't let in" in problem for problem in report.problems)


def test_a_key_not_let_in_counts_for_nothing(saved: Vault) -> None:
    """A thief can't make himself a writer: what a key without the master's badge signs isn't a snapshot."""
    rogue = keys.derive(keys.master(os.urandom(32), saved.master.repository), keys.Role.WRITER, label="", created=1)
    config = saved.as_writer().config
    badge = saved.badge(rogue)
    raw = snapshots.write(config, rogue, 1, snapshots.FIRST, {})
    saved.store.create(layout.badge_name(badge.key_id), [badge.raw])
    saved.store.create(layout.snapshot_name(badge.key_id, 1), [raw])
    report = full(saved)
    assert report.snapshots == 2
    assert len(report.problems) == 2


def test_a_reader_key_may_not_save(saved: Vault) -> None:
    """A snapshot signed with a key that may only read isn't one, even though the master let that key in."""
    reader = saved.reader
    assert reader.sign is not None
    saved.as_reader().admit(saved.badge(reader))
    config = saved.as_writer().config
    head = bytes(layout.Prologue(layout.SNAPSHOT, config.repository)) + saved.badge(reader).key_id
    head += (1).to_bytes(8, "little") + bytes(32)
    raw = cipher.signed(reader.sign, head + cipher.seal(config.epoch.log, "snapshot", head, b"\x80"))
    saved.store.create(layout.snapshot_name(saved.badge(reader).key_id, 1), [raw])
    assert any("may not save" in problem for problem in full(saved).problems)


def test_a_writer_cannot_sign_as_his_own_what_another_sealed(saved: Vault) -> None:
    """A snapshot's sealed body opens only under the head it was sealed for: nobody adopts another's."""
    thief = saved.derive(keys.Role.WRITER)
    assert thief.sign is not None
    saved.as_reader().admit(saved.badge(thief))
    raw = saved.objects("snapshots")[0].read_bytes()
    head = raw[: layout.SIZE] + saved.badge(thief).key_id + raw[layout.SIZE + 16 : snapshots.HEAD]
    forged = cipher.signed(thief.sign, head + raw[snapshots.HEAD : -64])
    saved.store.create(layout.snapshot_name(saved.badge(thief).key_id, 1), [forged])
    report = full(saved)
    assert report.snapshots == 2
    assert any("doesn't open" in problem for problem in report.problems)


def test_another_writer_cannot_poison(saved: Vault) -> None:
    """Rubbish that another writer stores under the id of a known blob is never read for this writer's snapshots."""
    from backup.engine.format.blobs import identify
    from backup.engine.format.packs import Packer, PackWriter
    from backup.engine.saving.save import _write_index
    from backup.engine.saving.state import State

    victim = (saved.source / "file 0").read_bytes()
    thief = saved.derive(keys.Role.WRITER)
    saved.as_reader().admit(saved.badge(thief))
    repository = Repository.open(saved.store, thief)
    with State(saved.base / "thief") as state:
        writer = PackWriter(saved.store, state.wrote)
        packer = Packer(layout.DATA_PACK, repository.config.repository, repository.config.epoch, writer)
        packer.add(1, identify(victim, thief.knows("id data")), 0, len(victim), bytes(len(victim)))
        packer.close()
        writer.close()
        _write_index(repository, state, list(state.unindexed()))
    third = saved.save()
    target, restored = saved.restore(third)
    assert (restored.problems, picture(target)) == ((), picture(saved.source))


def test_damage_names_the_files(saved: Vault) -> None:
    """A check names the files that can't be restored, a restore leaves out exactly these, and the rest comes back."""
    wanted = (saved.source / "file 3").read_bytes()
    id_ = cipher.digest(wanted)
    catalogue = saved.catalogue()
    [node] = [node for _, node in catalogue.walk() if node.get("h") == id_]
    pack, entry = catalogue._places[node["c"]]
    path = saved.store.folder / layout.pack_name(pack)
    raw = bytearray(path.read_bytes())
    raw[entry.offset + 5] ^= 1
    path.write_bytes(raw)
    report = full(saved)
    assert {name.partition(":")[2] for name in report.files} == {"file 3"}
    assert len(report.files) == 2, "it is in both snapshots"
    target, restored = saved.restore()
    assert len(restored.problems) == 1
    was = picture(saved.source)
    was.pop(b"/file 3")
    assert {name: content for name, (_, _, content) in picture(target).items()} == {
        name: content for name, (_, _, content) in was.items()
    }
    assert not list(target.rglob(".restore-*"))


def test_lost_pack_heals(saved: Vault) -> None:
    """What a lost pack held is uploaded again by the next save, which then restores whole."""
    for path in saved.objects("packs"):
        path.unlink()
    assert full(saved).files
    third = saved.save()
    assert picture(saved.restore(third)[0]) == picture(saved.source)
    assert saved.restore(third)[1].verified == third.counts.files


def test_nothing_can_be_listed_in_clear(saved: Vault) -> None:
    """No name and no content of a file stands anywhere in the repository or in what the writer remembers."""
    kept = b"".join(path.read_bytes() for path in saved.objects())
    kept += b"".join(path.read_bytes() for path in (saved.base / "state").iterdir())
    for secret in (b"file 1", b"folder", b"note", b"goodbye", os.fsencode(saved.source), b"hello"):
        assert secret not in kept


def test_a_bomb_is_refused(vault: Vault) -> None:
    """A blob that would unpack to more than it says is refused before it does."""
    import zstandard
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    from backup.engine.format.blobs import ZSTD, Entry, decrypt, encrypt, identify

    aead, key = AESGCM(bytes(32)), bytes(32)
    bomb = zstandard.ZstdCompressor().compress(bytes(1 << 30))
    id_ = identify(b"", key)
    stored = encrypt(aead, b"", 1, ZSTD, id_, 1000, 0, bomb)
    with pytest.raises(Damaged):
        decrypt(aead, b"", Entry(id_, 0, len(stored), 1000, 0, 1, ZSTD), stored, key, "bomb")
    unsized = zstandard.ZstdCompressor(write_content_size=False).compress(bytes(1 << 20))
    stored = encrypt(aead, b"", 1, ZSTD, id_, 1000, 0, unsized)
    with pytest.raises(Damaged):
        decrypt(aead, b"", Entry(id_, 0, len(stored), 1000, 0, 1, ZSTD), stored, key, "bomb")


NODE = {"n": b"x", "t": "f", "m": 0o600, "mt": 0, "s": 0, "c": b"", "h": cipher.digest(b"")}
HOSTILE = [[NODE | {"n": name}] for name in (b"..", b".", b"", b"a/b", b"/etc/passwd", b"a\0b", "text")] + [
    [NODE, NODE],
    [NODE | {"n": b"b"}, NODE | {"n": b"a"}],
    [{"n": b"x", "t": "l", "m": 0o777, "mt": 0, "l": b"/tmp"}, NODE | {"t": "d"}],
    [NODE | {"c": b"short"}],
    [NODE | {"m": "text"}],
    [NODE | {"t": "l"}],
    [5],
]


@pytest.mark.parametrize("nodes", HOSTILE)
def test_hostile_trees(vault: Vault, nodes: list[object]) -> None:
    """No tree, however made, leads a restore outside its folder or through a link."""
    restored = _restore_tree(vault, msgpack.packb(nodes))
    assert restored.problems
    outside = {path.name for path in vault.base.iterdir()}
    assert outside == {"repository", "source", "state", "out"}


def test_set_id_bits_are_not_restored(vault: Vault) -> None:
    """A restored program never runs as somebody else: owners aren't restored, so set-id bits aren't either."""
    restored = _restore_tree(vault, msgpack.packb([NODE | {"m": 0o6755}]))
    assert restored.problems == ()
    assert (vault.base / "out" / "x").stat().st_mode & 0o7777 == 0o755


def test_an_unknown_kind_is_told(vault: Vault) -> None:
    """What a newer program saved and this one can't restore is named, and the rest is restored."""
    restored = _restore_tree(vault, msgpack.packb([NODE, {"n": b"y", "t": "p", "m": 0, "mt": 0}]))
    assert (restored.files, len(restored.problems)) == (1, 1)


def test_restore_only_into_an_empty_folder(saved: Vault) -> None:
    """A restore never writes over what is there."""
    from backup.engine.reading.restore import restore

    target = saved.base / "full"
    target.mkdir()
    (target / "mine").write_text("mine")
    with pytest.raises(BackupError):
        restore(saved.catalogue(), target)
    link = saved.base / "link"
    link.symlink_to(saved.base / "elsewhere")
    (saved.base / "elsewhere").mkdir()
    with pytest.raises(OSError, match="link"):
        restore(saved.catalogue(), link)


def _restore_tree(vault: Vault, tree: bytes):  # type: ignore[no-untyped-def]
    """Restore a snapshot whose root is this tree, as a writer who keeps no rule would make it."""
    from backup.engine.format import blobs
    from backup.engine.saving import save
    from backup.engine.format.packs import Packer, PackWriter
    from backup.engine.reading.restore import restore
    from backup.engine.saving.state import State

    repository = vault.as_writer()
    with State(vault.base / "state") as state:
        writer = PackWriter(vault.store, state.wrote)
        packer = Packer(layout.META_PACK, repository.config.repository, repository.config.epoch, writer)
        id_ = blobs.identify(tree, vault.writer.knows("id meta"))
        packer.add(blobs.TREE, id_, blobs.RAW, len(tree), tree)
        packer.close()
        writer.close()
        body = {
            "source": "",
            "host": "",
            "started": 1,
            "finished": 1,
            "root": id_,
            "notes": {},
            "unread": 0,
            "added": 0,
        }
        body |= {"files": 0, "directories": 0, "links": 0, "bytes": 0, "indexes": save._index(repository, state)}
        save._announce(repository, state.last(), body)
    return restore(vault.catalogue(), vault.base / "out")


def test_store_names() -> None:
    """A store takes the names of the format and no path."""
    from backup.engine.stores.local import LocalStore

    store = LocalStore(Path("/nonexistent"))
    for name in ("../config", "packs/aa/../../x", "/etc/passwd", "config/", "keys/" + "g" * 32, ""):
        with pytest.raises(ValueError, match="no name"):
            store.read(name)
        with pytest.raises(ValueError, match="no name"):
            store.create(name, [b""])
