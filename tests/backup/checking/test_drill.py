"""Test restores: drawn by chance, the same again from the same seed, and telling what doesn't come back."""

from __future__ import annotations

import json
import os
import random
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from backup.engine.checking.drawing import Extent, draw_snapshots
from backup.engine.checking.drill import drill
from backup.engine.checking.drill_report import Drill, Failure, as_json, as_text, signed, verified
from backup.engine.errors import Damaged, KeyRefused
from backup.engine.format import layout
from backup.engine.format.keys import Role
from backup.engine.format.snapshots import Snapshot
from tests.backup.checking.conftest import TREE, Place
from tests.backup.checking.hand import Blob
from tests.backup.conftest import Vault

ALL = Extent(older=10, share=1)


@pytest.fixture
def filled(vault: Vault) -> Vault:
    """Two snapshots of files of many sizes, one of several pieces, one with a hole, and names that are no text."""
    chance = random.Random(9)
    for number in range(20):
        (vault.source / f"file {number}").write_bytes(chance.randbytes(number * 300))
    (vault.source / "large").write_bytes(chance.randbytes(3 << 20))
    (vault.source / "deep" / "er").mkdir(parents=True)
    Path(os.fsdecode(os.fsencode(vault.source) + b"/deep/er/\xff\xfe")).write_bytes(b"odd")
    with (vault.source / "hole").open("wb") as file:
        file.write(b"start")
        file.seek(5 << 20)
        file.write(b"end")
    vault.save()
    (vault.source / "file 3").write_bytes(b"changed")
    vault.save()
    return vault


def drilled(vault: Vault, extent: Extent = ALL, seed: bytes = b"seed", **options: object) -> Drill:
    repository = vault.opened(vault.verifier)
    return drill(repository, seed=seed, clock=vault.clock, tool="test 1", extent=extent, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("on_disk", [False, True])
def test_all_comes_back(filled: Vault, on_disk: bool) -> None:
    """Every file of every snapshot comes back as saved, in memory and on a disk, where nothing is left behind."""
    place = filled.base / "place"
    place.mkdir()
    result = drilled(filled, place=place if on_disk else None)
    assert result.failures == ()
    assert (result.sound, result.files, len(result.snapshots)) == (True, 46, 2)
    assert result.bytes == sum(one.bytes for one in result.snapshots) > 10 << 20
    assert list(place.iterdir()) == []


def test_a_drill_draws_a_large_and_a_small_file(filled: Vault) -> None:
    """However small the share, the newest snapshot gives at least a large file and a small one."""
    drawn = Counter(drilled(filled, Extent(older=0, share=0), bytes([seed])).files for seed in range(8))
    assert set(drawn) == {2}
    sizes = [drilled(filled, Extent(older=0, share=0), bytes([seed])).bytes for seed in range(8)]
    assert max(sizes) > 3 << 20
    assert len(set(sizes)) > 2


def test_the_same_seed_draws_the_same(filled: Vault) -> None:
    """Whoever has the seed draws the same snapshots and files, whoever has another draws others."""
    extent = Extent(older=1, share=0.3)
    first, again, other = drilled(filled, extent), drilled(filled, extent), drilled(filled, extent, b"other")
    assert first.snapshots == again.snapshots
    assert (first.files, first.bytes) == (again.files, again.bytes)
    assert first.snapshots != other.snapshots


def test_a_limit_of_bytes(filled: Vault) -> None:
    """What would go beyond the limit isn't read, but for the first file of each snapshot."""
    result = drilled(filled, Extent(older=0, share=1, most_bytes=20_000))
    [first] = result.snapshots
    assert 0 < result.files < 23
    largest = 5 << 20
    assert result.bytes <= 20_000 + largest + 8
    assert first.files == result.files


def test_damage_is_found(filled: Vault) -> None:
    """A file whose piece was changed fails and is named; the others come back."""
    catalogue = filled.catalogue()
    node = catalogue.find(b"file 7")
    [(pack, entry), *_] = catalogue.places(node["c"])
    path = filled.store.folder / layout.pack_name(pack)
    raw = bytearray(path.read_bytes())
    raw[entry.offset + 3] ^= 1
    path.write_bytes(raw)
    for place in (None, filled.base):
        result = drilled(filled, place=place)
        assert {one.path for one in result.failures} == {"file 7"}
        assert (len(result.failures), result.files) == (2, 46)
        assert "doesn't open" in result.failures[0].why


def test_a_lost_pack_is_found(filled: Vault) -> None:
    """Directories that can't be read fail by their names."""
    for path in filled.objects("packs"):
        if path.read_bytes()[4:5] == layout.META_PACK:
            path.unlink()
    result = drilled(filled)
    assert {one.path for one in result.failures} == {"/"}
    assert result.files == 0


def test_a_damaged_snapshot_is_found(filled: Vault) -> None:
    """A snapshot that isn't sound is a failure, and the others are tried."""
    path = filled.objects("snapshots")[0]
    path.write_bytes(path.read_bytes()[:-1])
    result = drilled(filled)
    assert [one.path.partition("/")[0] for one in result.failures] == ["snapshots"]
    assert result.files == 23


@pytest.mark.parametrize("on_disk", [False, True])
def test_compared_with_the_source(filled: Vault, on_disk: bool) -> None:
    """What stands in the source with the same size and time must be the same; what changed since isn't compared."""
    sources = {filled.snapshot().source: filled.source}
    newest = Extent(older=0, share=1)
    place = filled.base if on_disk else None
    result = drilled(filled, newest, sources=sources, place=place)
    assert (result.compared, result.changed, result.failures) == (23, 0, ())
    (filled.source / "file 5").write_bytes(b"new")
    (filled.source / "file 6").unlink()
    victim = filled.source / "file 9"
    status = victim.stat()
    raw = bytearray(victim.read_bytes())
    raw[0] ^= 1
    victim.write_bytes(raw)
    os.utime(victim, ns=(status.st_atime_ns, status.st_mtime_ns))
    result = drilled(filled, newest, sources=sources, place=place)
    assert (result.compared, result.changed) == (21, 2)
    [failure] = result.failures
    assert (failure.path, failure.why) == ("file 9", "source: holds something else under the same size and time")


def test_a_wrong_hash_is_found(place: Place) -> None:
    """A file of several pieces that isn't what its hash says fails, though each piece is sound."""
    hand = place.hand()
    pieces = [b"one", b"two"]
    node = {"t": "f", "s": 6, "c": b"".join(map(hand.identify, pieces)), "h": bytes(32)}
    meta: list[Blob] = []
    root = hand.tree({"file": node}, [], meta)
    hand.announce(root, [hand.index([hand.pack(*map(Blob, pieces)), hand.pack(*meta)])])
    result = drill(place.open(), seed=b"", clock=place.clock, tool="", extent=ALL)
    assert [(one.path, one.why) for one in result.failures] == [("file", "content: isn't what was saved")]


def snapshot_of(source: str, received: int, number: int) -> Snapshot:
    """A snapshot of which only its source and its time count."""
    place = Place()
    place.hand().save(TREE)
    [one] = place.open().snapshots()
    return replace(one, source=source, received=received, id=bytes([number]) * 32)


def test_the_newest_of_each_source_always() -> None:
    """The newest snapshot of each source is drawn always, older ones the likelier the younger they are."""
    day = 24 * 3600 * 10**9
    base = snapshot_of("home", 0, 0)
    home = [replace(base, received=number * 30 * day, id=bytes([number]) * 32) for number in range(10)]
    other = replace(base, source="other", received=0, id=b"o" * 32)
    drawn: Counter[int] = Counter()
    for seed in range(400):
        picked = draw_snapshots([*home, other], 1, seed.to_bytes(2, "big"))
        assert {home[-1].id, other.id} < {one.id for one in picked}
        assert len(picked) == 3
        drawn.update(one.id[0] for one in picked if one.id not in (home[-1].id, other.id))
    assert drawn[8] > drawn[4] > 0
    assert drawn[8] > 2 * drawn[0]
    assert draw_snapshots([], 3, b"") == []


def test_signed(filled: Vault) -> None:
    """A report that the verifier signed is proved whole by who has the badges; any change of it is refused."""
    result = drilled(filled)
    repository = filled.as_reader()
    text = signed(result, filled.verifier)
    badges = repository.badges()
    assert verified(text, repository.config, badges) == result
    outer = json.loads(text)
    for changed in (
        outer | {"drill": outer["drill"].replace('"files":46', '"files":47')},
        outer | {"key": filled.reader.key_id.hex()},
        outer | {"key": "ff" * 16},
        outer | {"signature": "00" * 64},
        outer | {"drill": "{}"},
        outer | {"drill": 5},
        {},
        [],
    ):
        with pytest.raises(Damaged):
            verified(json.dumps(changed), repository.config, badges)
    with pytest.raises(Damaged):
        verified("no report", repository.config, badges)
    with pytest.raises(Damaged, match="done with another key"):
        verified(signed(result, filled.reader), repository.config, badges)
    revoked = filled.opened(filled.master).revoke(filled.verifier.key_id, last=0, now=5)
    with pytest.raises(Damaged, match="revoked"):
        verified(text, revoked.config, badges)
    by_master = replace(result, key=filled.master.key_id.hex())
    assert verified(signed(by_master, filled.master), repository.config, badges) == by_master


def test_as_text(filled: Vault) -> None:
    """The text of a report says what was done, with which key, and each failure."""
    result = drilled(filled)
    text = as_text(result)
    assert "came back as saved" in text
    assert filled.verifier.key_id.hex() in text
    failed = replace(result, failures=drilled_failure())
    assert "1 FAILED" in as_text(failed)
    assert "FAILED 0123:a/b: lost" in as_text(failed)
    assert json.loads(as_json(failed))["failures"] == [{"snapshot": "0123", "path": "a/b", "why": "lost"}]
    assert not failed.sound


def drilled_failure() -> tuple[Failure, ...]:
    return (Failure("0123", "a/b", "lost"),)


class Stopped(Exception):
    pass


def test_it_can_be_stopped(filled: Vault) -> None:
    """Whoever watches may stop it; nothing stays on the disk."""

    def stop(files: int, _bytes: int) -> None:
        if files == 3:
            raise Stopped

    place = filled.base / "place"
    place.mkdir()
    with pytest.raises(Stopped):
        drilled(filled, place=place, progress=stop)
    assert list(place.iterdir()) == []


def test_which_keys(place: Place) -> None:
    """A key that opens no contents can't try a restore, and says so."""
    place.hand().save(TREE)
    for role in (Role.MASTER, Role.READER, Role.VERIFIER):
        assert drill(place.open(role), seed=b"", clock=place.clock, tool="", extent=ALL).sound
    with pytest.raises(KeyRefused):
        drill(place.open(Role.LISTER), seed=b"", clock=place.clock, tool="", extent=ALL)
