"""With parity kept beside it, what the store lets rot costs no file, and a repair makes it good."""

from __future__ import annotations

import itertools
import os
from pathlib import Path
from random import Random

import pytest

from backup.engine.checking.check import check, report
from backup.engine.checking.putting_back import put_back
from backup.engine.checking.repair import repair_packs
from backup.engine.checking.report import Report
from backup.engine.checking.sample import EVERYTHING
from backup.engine.checking.scan import scan
from backup.engine.checking.survey import survey
from backup.engine.errors import Damaged, Denied, Full
from backup.engine.format import layout
from backup.engine.format.acts import Clear, Said
from backup.engine.history import say
from backup.engine.keeping.copying import copy
from backup.engine.keeping.forget import forget
from backup.engine.keeping.ground import DAY
from backup.engine.keeping.mirroring import mirror
from backup.engine.keeping.protecting import add_parity, remove_parity
from backup.engine.keeping.prune import prune
from backup.engine.repository import Repository
from backup.engine.stores.base import Listed
from backup.engine.stores.local import LocalStore
from backup.engine.stores.redundant import Redundant, mended
from tests.backup.checking.memory import MemoryStore
from tests.backup.conftest import Vault, picture

PERCENT = 10
clock = itertools.count(10).__next__


@pytest.fixture
def kept(vault: Vault) -> Vault:
    """A repository whose every object has parity, with a snapshot of large and small files."""
    chance = Random(5)
    for number in range(6):
        (vault.source / f"large-{number}").write_bytes(chance.randbytes(300_000))
    for number in range(30):
        (vault.source / f"small-{number}").write_text(f"letter {number}\n" * number)
    add_parity(vault.store, PERCENT)
    vault.store = Redundant(vault.store, PERCENT)  # type: ignore[assignment]
    vault.save()
    return vault


def folder(vault: Vault) -> Path:
    return vault.base / "repository"


def objects(vault: Vault, below: str) -> list[Path]:
    return sorted(path for path in (folder(vault) / below).rglob("*") if path.is_file())


def rot(path: Path, *places: float) -> None:
    """Change a byte at each of these places, as a share of the whole."""
    raw = bytearray(path.read_bytes())
    for place in places:
        raw[int(place * (len(raw) - 1))] ^= 0x10
    path.write_bytes(raw)


def checked(vault: Vault) -> Report:
    return check(vault.opened(vault.verifier), EVERYTHING, clock=clock)


def everything_comes_back(vault: Vault) -> None:
    target, done = vault.restore()
    assert done.problems == ()
    assert picture(target) == picture(vault.source)


def without_parity(vault: Vault) -> set[str]:
    """Objects that have none, and parity that has no object."""
    names = {path.relative_to(folder(vault)).as_posix() for path in objects(vault, "")}
    every = {name for name in names if layout.NAME.fullmatch(name)}
    of = {name for name in every if name.startswith("parity/")}
    return {name for name in every - of if layout.parity_name(name) not in of} | (
        of - set(map(layout.parity_name, every - of))
    )


def test_every_object_has_it(kept: Vault) -> None:
    """Whatever is stored has parity from then on, of about the size that was asked for."""
    assert without_parity(kept) == set()
    sizes = [sum(path.stat().st_size for path in objects(kept, below)) for below in ("packs", "parity")]
    assert 0.1 < sizes[1] / sizes[0] < 0.2


@pytest.mark.parametrize("damage", ["rot", "cut", "keys"])
def test_damaged_packs_cost_no_file(kept: Vault, damage: str) -> None:
    """They are told of, no file is touched, all is restored; a repair leaves nothing damaged that is needed."""
    for path in objects(kept, "packs"):
        if damage == "rot":
            rot(path, 0.3, 0.31)
        elif damage == "keys":
            rot(path, 0)
            rot(path, 130 / path.stat().st_size)
        else:
            path.write_bytes(path.read_bytes()[: -path.stat().st_size // 50])
    found = checked(kept)
    assert {one.object for one in found.problems} == {
        path.relative_to(folder(kept)).as_posix() for path in objects(kept, "packs")
    }
    assert all("its parity mends them" in one.why or "bytes instead of" in one.why for one in found.problems)
    assert found.touched == ()
    everything_comes_back(kept)
    seen = survey(kept.opened(kept.verifier), EVERYTHING)
    mended_ = repair_packs(seen, clock=clock)
    assert mended_.lost == ()
    assert checked(kept).sound
    everything_comes_back(kept)
    assert without_parity(kept) == set()


def test_more_damage_than_it_mends(kept: Vault) -> None:
    """What lies in the rest of the pack comes back as without parity; the files that are lost are named."""
    largest = max(objects(kept, "packs"), key=lambda path: path.stat().st_size)
    rot(largest, *(0.3 + number / 100 for number in range(20)))
    found = checked(kept)
    lost = {loss.path for one in found.touched for loss in one.losses}
    assert 0 < len(lost) < 6
    assert all(path.startswith("large") for path in lost)
    _target, done = kept.restore()
    assert len(done.problems) == len(lost)


@pytest.mark.parametrize("below", ["index", "snapshots", "keys", "config", "manifests"])
@pytest.mark.parametrize("damage", ["rot", "gone"])
def test_other_objects_are_put_back(kept: Vault, below: str, damage: str) -> None:
    """What isn't a pack is put back as it was, whether it is damaged or gone."""
    scan(kept.opened(kept.verifier), EVERYTHING, clock=clock)  # which makes a manifest
    if below == "config":
        kept.opened(kept.master).rekey(now=3)
    before = {path: path.read_bytes() for path in objects(kept, below)}
    assert before
    for path in before:
        if damage == "rot":
            rot(path, 0.6)
        elif below != "config" or path.name.endswith("1"):  # without any, there is no repository
            path.unlink()
    seen = survey(kept.opened(kept.master), EVERYTHING)
    assert seen.problems or damage == "gone"
    names = put_back(seen)
    assert set(names) >= {path.relative_to(folder(kept)).as_posix() for path in before if damage == "rot"}
    assert {path: path.read_bytes() for path in objects(kept, below)} == before
    assert checked(kept).sound
    everything_comes_back(kept)


def test_a_rehearsal_puts_nothing_back(kept: Vault) -> None:
    """A dry run tells the names, and changes nothing."""
    [path] = objects(kept, "snapshots")
    rot(path, 0.5)
    raw = path.read_bytes()
    assert put_back(survey(kept.opened(kept.master), EVERYTHING), dry_run=True)
    assert path.read_bytes() == raw


def test_a_store_that_lets_nothing_go(kept: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where objects are locked, what is damaged stays; packs are repaired all the same."""

    def refused(_self: LocalStore, name: str) -> None:
        raise Denied(name)

    monkeypatch.setattr(LocalStore, "delete", refused)
    [path] = objects(kept, "snapshots")
    rot(path, 0.5)
    assert put_back(survey(kept.opened(kept.master), EVERYTHING)) == ()


def spoken(vault: Vault, *every: Said) -> list[str]:
    """What the pruner says, an act each: their names."""
    repository = vault.opened(vault.pruner)
    for said in every:
        say(repository.store, repository.config, repository.key, repository.history(), Clear(), said)
    return sorted(one.name for one in repository.store.list("acts"))


def test_acts_keep_their_order(kept: Vault) -> None:
    """The last acts are put back; one after which another came isn't: they count in the order in which they came."""
    first, last = spoken(kept, Said(time=1, why="first"), Said(time=2, why="second"))
    rot(folder(kept) / first, 0.9)
    assert put_back(survey(kept.opened(kept.master), EVERYTHING)) == ()
    (folder(kept) / last).unlink()
    assert put_back(survey(kept.opened(kept.master), EVERYTHING)) == (first, last)
    assert [act.said.why for act in kept.opened(kept.master).history().acts] == ["first", "second"]


def test_what_is_deleted_does_not_come_back(kept: Vault) -> None:
    """A pruner takes the parity away with its object, so no repair brings back what was to go."""
    (kept.source / "large-0").write_bytes(os.urandom(100_000))
    kept.save()
    pruner = kept.opened(kept.pruner)
    old = pruner.snapshots()[0]
    forget(pruner, [old], now=1)
    for _ in range(2):
        prune(kept.opened(kept.pruner), now=clock, grace=0, forced=True)
    assert without_parity(kept) == set()
    assert put_back(survey(kept.opened(kept.master), EVERYTHING)) == ()
    everything_comes_back(kept)


def test_parity_of_what_was_stored_before(vault: Vault) -> None:
    """It is added once, by whoever reaches the store; damaged objects are told, and get none."""
    (vault.source / "file").write_bytes(os.urandom(50_000))
    vault.save()
    [pack, *_others] = objects(vault, "packs")
    rot(pack, 0.5)
    rehearsed = add_parity(vault.store, 5, dry_run=True)
    assert objects(vault, "parity") == []
    done = add_parity(vault.store, 5)
    assert [one.name.rpartition("/")[2] for one in done.damaged] == [pack.name]
    assert done.objects == rehearsed.objects - 1
    assert done.size == sum(path.stat().st_size for path in objects(vault, "parity"))
    again = add_parity(vault.store, 5)
    assert (again.objects, again.before, len(again.damaged)) == (0, done.objects, 1)
    gone = remove_parity(vault.store)
    assert (gone.objects, gone.size) == (done.objects, done.size)
    assert objects(vault, "parity") == []


def test_copies_have_their_own(kept: Vault) -> None:
    """Parity isn't copied. A copy that keeps some loses it with the objects that go."""
    plain, own = MemoryStore(), MemoryStore()
    copy(kept.store, plain)
    assert not [name for name in plain.objects if name.startswith("parity/")]
    mirror(kept.store, Redundant(own, PERCENT), gone={})
    assert len(own.objects) == 2 * len(plain.objects)
    [snapshot] = [name for name in own.objects if name.startswith("snapshots/")]
    (folder(kept) / snapshot).unlink()
    first = mirror(kept.store, own, gone={}, forced=True)
    for _ in range(3):
        own.now()
    assert mirror(kept.store, own, gone=dict.fromkeys(first.gone, -40 * DAY), grace=1, forced=True).objects == 1
    assert snapshot not in own.objects
    assert layout.parity_name(snapshot) not in own.objects


def test_no_room_for_it(kept: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    """A save says so; what makes room goes on without."""
    create = LocalStore.create

    def full(self: LocalStore, name: str, *arguments: object, **options: object) -> None:
        if name.startswith("parity/"):
            raise Full(name)
        create(self, name, *arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(LocalStore, "create", full)
    (kept.source / "more").write_text("more")
    with pytest.raises(Full):
        kept.save()
    assert spoken(kept, Said(time=1, why="urgent"))


def test_parity_that_somebody_made_up(kept: Vault) -> None:
    """Whoever may write to the store puts other bytes there: nothing false comes back, and what is sound stays so."""
    places = objects(kept, "parity")
    contents = [path.read_bytes() for path in places]
    for path, raw in zip(places, contents[1:] + contents[:1], strict=True):
        path.write_bytes(raw)
    assert checked(kept).sound
    rot(max(objects(kept, "packs"), key=lambda path: path.stat().st_size), 0.5)
    assert checked(kept).touched
    _target, done = kept.restore()
    assert len(done.problems) == 1
    assert put_back(survey(kept.opened(kept.master), EVERYTHING)) == ()


def test_the_newest_config_is_mended(kept: Vault) -> None:
    """Without it nothing opens: it is read as its parity gives it, an older one isn't taken for it."""
    kept.opened(kept.master).revoke(kept.lister.key_id, last=0, now=5)
    newest = objects(kept, "config")[-1]
    rot(newest, 0.5)
    assert Repository.open(kept.store, kept.master).config.number == 2
    assert newest.relative_to(folder(kept)).as_posix() in put_back(survey(kept.opened(kept.master), EVERYTHING))
    for path in objects(kept, "parity"):
        path.unlink()
    rot(newest, 0.5)
    with pytest.raises(Damaged):
        Repository.open(kept.store, kept.master)


def test_who_may_not_read_it(kept: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the store refuses it, damage is damage."""
    look = LocalStore.look

    def refused(self: LocalStore, name: str) -> Listed:
        if name.startswith("parity/"):
            raise Denied(name)
        return look(self, name)

    monkeypatch.setattr(LocalStore, "look", refused)
    rot(objects(kept, "config")[-1], 0.5)
    with pytest.raises(Damaged):
        kept.as_writer()


def test_nothing_to_mend(kept: Vault) -> None:
    """An object that is sound is its own mending; one without parity has none."""
    [path] = objects(kept, "index")
    name = path.relative_to(folder(kept)).as_posix()
    assert mended(kept.store, name) == path.read_bytes()
    (folder(kept) / layout.parity_name(name)).unlink()
    assert mended(kept.store, name) is None
    assert report(survey(kept.opened(kept.master), EVERYTHING), started=1, finished=2).sound
