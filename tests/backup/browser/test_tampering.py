"""Nobody misleads a browser: what isn't as it was written is refused in words, and what is sound is restored."""

from __future__ import annotations

import json
import os
import random
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from backup.engine.format import acts, keys, layout, snapshots
from backup.engine.format.acts import Clear, Said
from backup.engine.format.keys import Key, Role
from backup.engine.stores.base import Store
from tests.backup.browser.conftest import REPORT, Page, call
from tests.backup.browser.forge import Forge
from tests.backup.keeping.conftest import Depot

Pages = Callable[[Store, Key], Page]


@pytest.fixture
def page(depot: Depot, page_of: Pages) -> Page:
    """Before two snapshots of a few files."""
    files = {f"file {number}": depot.noise(300) for number in range(6)} | {"folder/note": b"hello " * 50}
    depot.save(files)
    depot.save(files | {"folder/note": b"goodbye " * 50})
    return page_of(depot.store, depot.reader)


def flipped(raw: bytes, at: int) -> bytes:
    return raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]


def look(page: Page, depot: Depot, *worlds: dict[str, bytes | None]) -> Iterator[list[str]]:
    """For each world everything a page says is wrong, once it has listed the snapshots and restored the newest."""
    page.portal.worlds = list(worlds)
    newest = list(depot.pictures)[-1]
    was = {path.decode(): data for path, (_, data) in depot.pictures[newest].items()}
    targets = [page.new() for _ in worlds]
    asked = [
        each
        for world, target in enumerate(targets)
        for each in (
            call("close"),
            page.opening(world=world),
            call("snapshots"),
            call("zip", target, snapshot=newest.hex()),
        )
    ]
    answers = page.do(*asked)[1:]
    for number, target in enumerate(targets):
        _, opening, listing, restored = answers[4 * number : 4 * number + 4]
        said = [answer["error"]["message"] for answer in (opening, listing, restored) if "error" in answer]
        said += [problem["message"] for problem in listing.get("value", {}).get("problems", ())]
        if "error" not in restored:
            with zipfile.ZipFile(target) as archive:
                said += json.loads(archive.read(REPORT))["problems"]
                for name in archive.namelist():
                    assert name == REPORT or archive.read(name) == was[name.rstrip("/")], "false content"
        yield said


def look_once(page: Page, depot: Depot, changed: dict[str, bytes | None] | None = None) -> list[str]:
    return next(look(page, depot, changed or {}))


def test_sound(page: Page, depot: Depot) -> None:
    """A repository that nobody touched has nothing to tell."""
    assert look_once(page, depot) == []


def test_a_changed_byte(page: Page, depot: Depot) -> None:
    """Whichever byte is changed, it is told, or the snapshot doesn't depend on it; never is anything false restored."""
    chance = random.Random(4)
    needed = {
        layout.snapshot_name(depot.writer.key_id, 2),
        layout.badge_name(depot.writer.key_id),
        layout.config_name(1),
    }
    names, worlds = [], []
    for name, (raw, _) in sorted(depot.store.objects.items()):
        for at in (chance.randrange(24), chance.randrange(24, len(raw))):
            names.append((name, at))
            worlds.append({name: flipped(raw, at)})
    for (name, at), said in zip(names, look(page, depot, *worlds), strict=True):
        assert said or name not in needed, f"byte {at} of {name}"


@pytest.mark.parametrize("damage", ["cut", "emptied", "gone", "doubled"])
def test_damaged_objects(page: Page, depot: Depot, damage: str) -> None:
    """An object that is cut, emptied, gone or grown is told where it counts, and hinders no other."""
    names, worlds = [], []
    for name, (raw, _) in sorted(depot.store.objects.items()):
        changes: dict[str, bytes | None] = {
            "cut": raw[: len(raw) // 2],
            "emptied": b"",
            "gone": None,
            "doubled": raw * 2,
        }
        names.append(name)
        worlds.append({name: changes[damage]})
    for name, said in zip(names, look(page, depot, *worlds), strict=True):
        silent = name.startswith(("keys/", "packs/")) or (damage == "gone" and name.startswith("snapshots/"))
        assert said or silent, name
        assert all(len(words) < 300 and "Error" not in words for words in said)


def test_swapped_packs(page: Page, depot: Depot) -> None:
    """Two packs that exchange their names give nothing false."""
    first, second, *_ = sorted(depot.packs())
    swapped = {first: depot.store.objects[second][0], second: depot.store.objects[first][0]}
    assert look_once(page, depot, swapped)


def test_replayed_and_missing_snapshots(page: Page, depot: Depot) -> None:
    """An old snapshot can't stand in for a newer one, and one that was taken out of the row is missed."""
    depot.save({"a": b"x"})
    first, second = (layout.snapshot_name(depot.writer.key_id, number) for number in (1, 2))
    replayed, missed, both = look(
        page, depot, {second: depot.store.objects[first][0]}, {second: None}, {first: None, second: None}
    )
    assert f"{second}: stands under a name that isn't its own" in replayed
    assert f"{second}: is gone: later snapshots of its writer are there" in missed
    assert f"{first}: is gone, and 1 after it: later snapshots of its writer are there" in both
    forged = Forge(depot.store, depot.writer)
    forged._last = (3, bytes(32))
    forged.snapshot(b"")
    assert any(words.endswith("0004: doesn't follow the snapshot before it") for words in look_once(page, depot))


def test_numbers_beyond_what_a_browser_counts(page: Page, depot: Depot) -> None:
    """A snapshot of number 2^53 + 1 doesn't pass for that of number 2^53."""
    forged = Forge(depot.store, depot.writer)
    forged._last = (1 << 53, bytes(32))
    forged.snapshot(b"")
    right, wrong = (layout.snapshot_name(depot.writer.key_id, (1 << 53) + more) for more in (1, 0))
    said = look_once(page, depot, {right: None, wrong: depot.store.objects[right][0]})
    assert f"{wrong}: stands under a name that isn't its own" in said


def test_an_older_config(page: Page, depot: Depot) -> None:
    """A config that was taken away is noticed by who has seen it; one of another master, or a gap, by everybody."""
    depot.opened(depot.master).rekey(now=depot.clock())
    page.portal.changed = {layout.config_name(2): None}
    assert page.do()[0]["value"]["number"] == 1
    refused = page.do(seen=2)[0]["error"]
    assert refused["message"] == "config/00000001: an older state of the repository: config 2 was there before"
    page.portal.changed = {layout.config_name(1): None}
    [listing] = page.ask(call("snapshots"), key=depot.master)
    assert [problem["message"] for problem in listing["problems"]] == [
        "config/00000001: is gone: later configs are there"
    ]
    page.portal.changed = {layout.config_name(3): b"rubbish"}
    assert page.do()[0]["error"]["message"] == "config/00000003: shorter than a prologue"
    page.portal.changed = {layout.config_name(9): b"rubbish"}
    [listing] = page.ask(call("snapshots"))
    assert [problem["message"] for problem in listing["problems"]] == ["config/00000009: shorter than a prologue"]
    page.portal.changed = {layout.config_name(2): None}
    newer = page.do(key=depot.derive(Role.READER))[0]["error"]
    assert newer["message"] == "config/00000002: is gone: the key is of a later epoch"


def test_what_is_from_elsewhere(page: Page, depot: Depot) -> None:
    """Badges and snapshots of another repository, and of keys that the master didn't let in, count for nothing."""
    rogue = keys.derive(keys.master(os.urandom(32), depot.master.repository), Role.WRITER, label="", created=1)
    assert rogue.badge is not None
    depot.store.create(layout.badge_name(rogue.key_id), [rogue.badge.raw])
    Forge(depot.store, rogue_of(rogue, depot)).snapshot(b"")
    said = look_once(page, depot)
    assert f"{layout.badge_name(rogue.key_id)}: the signature is wrong" in said
    assert any(words.endswith("signed by a key that the master didn't let in") for words in said)


def rogue_of(rogue: Key, depot: Depot) -> Key:
    """The same key, with this repository's master in it: it was stolen in part."""
    return replace(rogue, master=depot.master.master, shared=depot.writer.shared)


def test_a_reader_may_not_save(page: Page, depot: Depot) -> None:
    """A snapshot that a reader's key signed isn't one."""
    stolen = replace(depot.reader, role=Role.WRITER, shared=depot.writer.shared)
    Forge(depot.store, stolen).snapshot(b"")
    assert any(words.endswith("signed by a key that may not save") for words in look_once(page, depot))


def test_a_revoked_key(page: Page, depot: Depot) -> None:
    """What a revoked key signed beyond its last number counts no more; what came before stays."""
    depot.opened(depot.master).revoke(depot.writer.key_id, last=1, now=depot.clock())
    [listing] = page.ask(call("snapshots"))
    assert [row["sequence"] for row in listing["snapshots"]] == [1]
    [problem] = listing["problems"]
    assert problem["message"].endswith("0002: signed by a key that was revoked")


def test_an_adopted_snapshot(page: Page, depot: Depot) -> None:
    """A snapshot's sealed body opens only under the head it was sealed for: nobody adopts another's."""
    raw = depot.store.objects[layout.snapshot_name(depot.writer.key_id, 1)][0]
    thief = depot.other
    head = raw[: layout.SIZE] + thief.key_id + raw[layout.SIZE + 16 : snapshots.HEAD]
    depot.store.create(layout.snapshot_name(thief.key_id, 1), [thief.signed(head + raw[snapshots.HEAD : -64])])
    assert any(words.endswith("the sealed snapshot doesn't open") for words in look_once(page, depot))


@pytest.mark.parametrize(
    ("role", "what", "words"),
    [
        (Role.LISTER, {"forget": True}, "says what a lister key may not: forget"),
        (Role.READER, {"moved": True}, "says what a reader key may not: moved"),
        (Role.VERIFIER, {"leaving": True}, "says what a verifier key may not: leaving"),
        (Role.WRITER, {"hold": True}, "signed by a key that may not act"),
    ],
)
def test_who_may_say_what(page: Page, depot: Depot, role: Role, what: dict[str, Any], words: str) -> None:
    """What a key may not say counts for nothing and is told."""
    target = depot.snapshot(list(depot.pictures)[-1])
    which = ((target.head.author, target.head.sequence, target.id),)
    clear, said = Clear(), Said(time=1)
    if "forget" in what:
        said = Said(time=1, forget=which)
    elif "hold" in what:
        said = Said(time=1, hold=(target.id,))
    elif "moved" in what:
        clear = Clear(moved=((target.indexes, (bytes(32),)),))
    else:
        clear = Clear(leaving=frozenset(target.indexes))
    held = {
        Role.LISTER: depot.lister,
        Role.READER: depot.reader,
        Role.VERIFIER: depot.verifier,
        Role.WRITER: depot.writer,
    }[role]
    config = depot.opened(depot.master).config
    raw = acts.write(config, replace(held, role=Role.PRUNER), 1, bytes(32), clear, said)
    depot.store.create(layout.act_name(held.key_id, 1), [raw])
    [listing] = page.ask(call("snapshots"))
    assert [problem["message"] for problem in listing["problems"]] == [f"{layout.act_name(held.key_id, 1)}: {words}"]
    assert not any(row["forgotten"] or row["held"] for row in listing["snapshots"])


def test_another_writer_cannot_poison(page: Page, depot: Depot) -> None:
    """Rubbish that another writer stores under the id of a known blob is never read for this writer's snapshots."""
    forge = Forge(depot.store, depot.other)
    victim = depot.pictures[list(depot.pictures)[-1]][b"file 0"][0]["c"]
    forge.blob(1, b"rubbish", id=victim)
    forge.snapshot(b"")
    assert look_once(page, depot) == []


def test_another_copy_serves(page: Page, depot: Depot) -> None:
    """A blob that is listed twice is read from the copy that is sound."""
    forge = Forge(depot.store, depot.other)
    good = forge.blob(1, b"content")
    bad = forge.blob(1, b"otherwise", id=good, length=9)
    first = forge.flush()
    again = forge.blob(1, b"content")
    assert good == bad == again
    second = forge.flush()
    tree = forge.tree({"n": b"a", "t": "f", "m": 0, "mt": 0, "s": 7, "c": good})
    third = forge.flush()
    for order in ([*first, *second, *third], [*second, *first, *third]):
        snapshot = forge.snapshot(tree, forge.index(order))
        assert page.contents(snapshot) == {"a": b"content"}
    page.portal.changed = {layout.pack_name(second[0].name): None}
    assert page.contents(snapshot) == {"a": b"content"}
