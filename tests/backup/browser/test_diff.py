"""Two snapshots compared in the browser: the same changes, in the same order, as the engine in Python tells."""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from backup.engine.format import layout, trees
from backup.engine.format.keys import Key, Role
from backup.engine.format.trees import DIRECTORY
from backup.engine.reading.catalogue import Catalogue
from backup.engine.reading.diff import Statistics, compare
from backup.engine.stores.base import Store
from tests.backup.browser.conftest import Page, call
from tests.backup.conftest import Vault
from tests.backup.keeping.conftest import Depot

Pages = Callable[[Store, Key], Page]
Row = tuple[str, str, list[str], Any, Any]


def in_python(before: Catalogue, after: Catalogue) -> tuple[list[Row], Statistics]:
    statistics, rows = Statistics(), []
    for change in compare(before, after):
        statistics.count(change)
        sizes = [None if node is None else (node["t"], node.get("s")) for node in (change.before, change.after)]
        path = change.path.decode(errors="surrogateescape")
        rows.append((path, change.what, sorted(change.fields), *sizes))
    return rows, statistics


def in_browser(page: Page, before: bytes, after: bytes, key: Key | None = None) -> tuple[list[Row], dict[str, Any]]:
    [found] = page.ask(call("compare", before=before.hex(), after=after.hex()), key=key)

    def size(node: dict[str, Any] | None) -> Any:
        return None if node is None else (node["type"], node.get("size"))

    rows = [
        (one["path"], one["what"], sorted(one["fields"]), size(one.get("before")), size(one.get("after")))
        for one in found["changes"]
    ]
    return rows, found


def same(row: dict[str, int], counted: dict[str, int]) -> bool:
    """The browser names only what there is."""
    return row == {what: count for what, count in counted.items() if count}


def plant(top: Path, chance: random.Random) -> None:
    for number in range(40):
        folder = top.joinpath(*(f"d{chance.randrange(4)}" for _ in range(chance.randrange(4))))
        folder.mkdir(parents=True, exist_ok=True)
        name = chance.choice(["é", "a b", "ñ日", "x"]).encode() + str(number).encode() + chance.choice([b"", b"\xff"])
        place = os.path.join(os.fsencode(folder), name)  # noqa: PTH118 (any byte may be in it)
        with open(place, "wb") as file:  # noqa: PTH123
            file.write(chance.randbytes(chance.choice([0, 10, 5000, 200_000])))
    (top / "link").symlink_to("nowhere")


def change(top: Path, chance: random.Random) -> None:
    """Anything that may happen to files from one day to the next."""
    found = [Path(parent, name) for parent, folders, files in os.walk(top) for name in (*files, *folders)]
    for place in chance.sample(found, 14):
        if not place.is_symlink() and not place.exists():
            continue  # with a folder that went
        what = chance.randrange(7)
        if what == 0:
            shutil.rmtree(place) if place.is_dir() and not place.is_symlink() else place.unlink()
        elif what == 1 and not place.is_symlink():
            place.chmod(0o700)
        elif what == 2 and place.is_file():
            place.write_bytes(place.read_bytes() + b"more")
        elif what == 3 and place.is_file():
            place.unlink()
            place.mkdir()
            (place / "below").write_text("now a folder")
        elif what == 4:
            os.utime(place, ns=(1, chance.randrange(10**18)), follow_symlinks=False)
        elif what == 5:
            place.rename(place.with_name(f"{chance.randrange(100)} renamed"))
        elif place.is_dir() and not place.is_symlink():
            (place / f"new {chance.randrange(100)}").write_bytes(chance.randbytes(100))


@pytest.mark.parametrize("seed", range(6))
def test_random_trees(tmp_path: Path, page_of: Pages, seed: int) -> None:
    """Whatever happened to a tree, both engines tell the same of it, and of nothing more."""
    chance, vault = random.Random(seed), Vault(tmp_path)
    plant(vault.source, chance)
    before = vault.save()
    change(vault.source, chance)
    after = vault.save()
    rows, statistics = in_python(vault.catalogue(before), vault.catalogue(after))
    assert len(rows) > 3
    found, told = in_browser(page_of(vault.store, vault.reader), before.snapshot, after.snapshot)
    assert found == rows
    assert same(told["files"], statistics.files)
    assert same(told["directories"], statistics.directories)
    assert same(told["others"], statistics.others)
    assert (told["bytesAdded"], told["bytesRemoved"]) == (statistics.bytes_added, statistics.bytes_removed)
    assert (told["total"], told["problems"]) == (len(rows), [])


def test_isolated_writers(tmp_path: Path, page_of: Pages) -> None:
    """Where each writer has identifiers of its own, equal contents are told by their hashes."""
    vault = Vault(tmp_path, isolated=True)
    other = vault.derive(Role.WRITER)
    chance = random.Random(1)
    for name, size in (("same", 100), ("large", 3 << 20), ("changed", 100)):
        (vault.source / name).write_bytes(chance.randbytes(size))
    before = vault.save()
    (vault.source / "changed").write_bytes(chance.randbytes(100))
    after = vault.save(writer=other, state="other")
    rows, _statistics = in_python(vault.catalogue(before), vault.catalogue(after))
    assert [row[:2] for row in rows] == [("changed", "content")]
    found, _told = in_browser(page_of(vault.store, vault.reader), before.snapshot, after.snapshot)
    assert found == rows


def test_equal_folders_are_not_read(depot: Depot, page_of: Pages) -> None:
    """Ten thousand names that didn't change cost no reading: their folder has the same identifier."""
    many = {f"many/{number}": b"" for number in range(2 * trees.MOST_NODES)}
    before = depot.save({**many, "a": b"1"})
    after = depot.save({**many, "a": b"2"})
    page = page_of(depot.store, depot.reader)
    rows, told = in_browser(page, before.snapshot, after.snapshot)
    assert [row[0] for row in rows] == ["a"]
    assert told["total"] == 1
    steps = page.do(call("compare", before=before.snapshot.hex(), after=after.snapshot.hex()))[1]["steps"]
    assert all(step.get("looked", 0) < 10 for step in steps)


def test_what_is_damaged_hinders_nothing_else(depot: Depot, page_of: Pages) -> None:
    """A folder that can't be read is told, and all others are compared."""
    before = depot.save({"a/one": b"1", "b/two": b"2"})
    after = depot.save({"a/one": b"11", "b/two": b"22", "new": b"3"})
    page = page_of(depot.store, depot.reader)
    catalogue = Catalogue(depot.opened(depot.reader), depot.opened(depot.reader).snapshot(after.snapshot))
    [folder] = [node for path, node in catalogue.walk() if path == b"a"]
    assert folder["t"] == DIRECTORY
    pack, entry, *_kind = catalogue.places(folder["c"])[0]
    name = layout.pack_name(pack)
    raw = depot.store.objects[name][0]
    at = entry.offset + 20
    page.portal.changed = {name: raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]}
    rows, told = in_browser(page, before.snapshot, after.snapshot)
    assert [row[0] for row in rows] == ["new", "b/two"]
    assert [problem["path"] for problem in told["problems"]] == ["a/"]
