"""What Python saved is listed, found and restored in the browser, bit by bit."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from backup.engine.checking.indexing import write_indexes
from backup.engine.format import keyfile, layout, packs
from backup.engine.format.acts import Clear, Said
from backup.engine.format.keys import Key, Role
from backup.engine.history import say
from backup.engine.keeping import forget
from backup.engine.stores.base import Store
from tests.backup import reader as second_reader
from tests.backup.browser.conftest import REPORT, Page, call
from tests.backup.conftest import Vault, picture
from tests.backup.keeping.conftest import Depot

pytestmark = pytest.mark.slow
Pages = Callable[[Store, Key], Page]


def files_of(depot: Depot, snapshot: bytes) -> dict[str, bytes]:
    return {path.decode(): data for path, (node, data) in depot.pictures[snapshot].items() if node["t"] == "f"}


@pytest.mark.parametrize("suite", layout.SUITES)
def test_a_folder(tmp_path: Path, page_of: Pages, suite: int) -> None:
    """A folder with small, large, empty and sparse files, links and odd names comes back as it was, in both suites."""
    vault = Vault(tmp_path, suite=suite)
    chance = random.Random(2)
    top = vault.source
    (top / "a" / "deep" / "er").mkdir(parents=True)
    (top / "empty").mkdir(mode=0o700)
    (top / "a" / "small.txt").write_text("hello")
    (top / "a" / "none").touch()
    (top / "a" / "deep" / "text.csv").write_text("a;b;c\n" * 300_000)
    (top / "a" / "deep" / "er" / "large.bin").write_bytes(chance.randbytes(21 << 20))
    (top / "Ünïcode é «ñ» 日本.txt").write_text("ü")
    (top / "link").symlink_to("a/small.txt")
    (top / "script.sh").write_text("#!/bin/sh\n")
    (top / "script.sh").chmod(0o750)
    with (top / "sparse").open("wb") as file:
        file.truncate(40 << 20)
        file.seek(9 << 20)
        file.write(b"in the middle")
    os.utime(top / "a" / "small.txt", ns=(1, 1_234_567_890_123_456_789))
    saved = vault.save()
    page = page_of(vault.store, vault.reader)
    with page.zip(saved.snapshot) as archive:
        target = tmp_path / "restored"
        archive.extractall(target)
        info = {one.filename: one for one in archive.infolist()}
        assert archive.testzip() is None
        report = json.loads(archive.read(REPORT))
    (target / REPORT).unlink()
    was, now = picture(top), picture(target)
    # zipfile writes a link's target into a file; the mode says that it is a link.
    assert {name: content for name, (_, _, content) in now.items()} == {
        name: content for name, (_, _, content) in was.items()
    }
    modes = {name: oct(one.external_attr >> 16) for name, one in info.items()}
    assert (modes["script.sh"], modes["link"], modes["empty/"]) == ("0o100750", "0o120777", "0o40700")
    assert info["a/small.txt"].extra.endswith((1_234_567_890).to_bytes(4, "little"))
    assert report["problems"] == report["renamed"] == []
    assert page.file(saved.snapshot, "a/deep/er/large.bin") == was[b"/a/deep/er/large.bin"][2]
    assert page.file(saved.snapshot, "sparse") == was[b"/sparse"][2]
    assert page.file(saved.snapshot, "a/none") == b""


def test_an_index_that_comes_up_once_more(vault: Vault, page_of: Pages) -> None:
    """An index that took the place of two, of one by a longer way, and was replaced itself is read by no reader."""
    saved = []
    for name in "ab":
        (vault.source / name).write_text(name)
        saved.append(vault.save())
    [first] = vault.snapshot(saved[0]).indexes
    [second] = set(vault.snapshot(saved[1]).indexes) - {first}
    listed = vault.catalogue(saved[1]).packs()

    def put_in_place_of(*old: bytes) -> bytes:
        pruner = vault.opened(vault.pruner)
        new = write_indexes(pruner, listed, dry_run=False)
        say(pruner.store, pruner.config, pruner.key, pruner.history(), Clear(moved=((old, new),)), Said())
        return new[0]

    longer = put_in_place_of(first)
    both = put_in_place_of(second, longer)
    newest = put_in_place_of(both)
    for name in (first, second, longer, both):
        vault.store.delete(layout.index_name(name))
    assert vault.as_reader().history().instead((first, second)) == (newest,)
    target, restored = vault.restore(saved[1])
    assert restored.problems == ()
    reader = second_reader.Reader(vault.store.folder, keyfile.dump(vault.reader))
    snapshot = reader.snapshots()[1]
    reader.load(snapshot)
    reader.restore(snapshot["root"], 0, vault.base / "by another", {})
    assert picture(target) == picture(vault.base / "by another") == picture(vault.source)
    assert page_of(vault.store, vault.reader).contents(saved[1].snapshot) == {"a": b"a", "b": b"b"}


def test_many_small_files(depot: Depot, page_of: Pages) -> None:
    """Thousands of small files come in few requests: neighbours are fetched together."""
    files = {f"d{number % 40}/{number}": depot.noise(200 + number % 700) for number in range(5000)}
    saved = depot.save(files)
    page = page_of(depot.store, depot.reader)
    assert page.contents(saved.snapshot) == files
    assert page.portal.asked.total() < 60


@pytest.mark.parametrize("role", [Role.MASTER, Role.READER, Role.VERIFIER])
def test_who_reads(depot: Depot, page_of: Pages, role: Role) -> None:
    """The master, a reader and a verifier restore."""
    saved = depot.save({"a": b"x", "b/c": depot.noise(3 << 20)})
    key = {Role.MASTER: depot.master, Role.READER: depot.reader, Role.VERIFIER: depot.verifier}[role]
    page = page_of(depot.store, key)
    assert page.do()[0]["value"]["role"] == role.name.lower()
    assert page.contents(saved.snapshot) == files_of(depot, saved.snapshot)


def test_who_reads_in_part(depot: Depot, page_of: Pages) -> None:
    """A lister sees which snapshots there are and no name in them; a pruner names but no content; a writer nothing."""
    saved = depot.save({"a": b"x"})
    page = page_of(depot.store, depot.lister)
    asked = [
        call("snapshots"),
        call("list", snapshot=saved.snapshot.hex()),
        call("file", page.new(), snapshot=saved.snapshot.hex(), path="a"),
    ]
    _, snapshots, names, content = page.do(*asked, key=depot.lister)
    assert [one["files"] for one in snapshots["value"]["snapshots"]] == [1]
    assert names["error"]["message"] == "a lister key can't open the meta of this repository"
    assert "error" in content
    _, snapshots, names, content = page.do(*asked, key=depot.pruner)
    assert [one["name"] for one in names["value"]["entries"]] == ["a"]
    assert content["error"]["message"] == "a pruner key doesn't hold 'id data'"
    _, snapshots, *_ = page.do(*asked, key=depot.writer)
    assert snapshots["error"]["message"] == "a writer key can't open the log of this repository"


def test_isolated(tmp_path: Path, page_of: Pages) -> None:
    """In an isolated repository the blobs of each writer are read under its own secrets."""
    depot = Depot(tmp_path, isolated=True)
    mine, other = depot.save({"a": b"the same"}), depot.save({"a": b"the same", "b": b"y"}, writer=depot.other)
    page = page_of(depot.store, depot.reader)
    assert page.contents(mine.snapshot) == {"a": b"the same"}
    assert page.contents(other.snapshot) == {"a": b"the same", "b": b"y"}


def test_epochs(depot: Depot, page_of: Pages) -> None:
    """A key of the newest epoch opens all epochs; an older one opens what is older, and is told what it can't."""
    first = depot.save({"a": b"in the first epoch"})
    old = depot.reader
    for _ in range(2):
        depot.opened(depot.master).rekey(now=depot.clock())
    depot.writer, depot.reader = depot.derive(Role.WRITER), depot.derive(Role.READER)
    last = depot.save({"a": b"in the third epoch", "b": b"in the first epoch"})
    page = page_of(depot.store, depot.reader)
    opening = page.do()[0]["value"]
    assert (opening["epochs"], opening["number"]) == (3, 3)
    for key in (depot.reader, depot.master):
        assert page.contents(first.snapshot, key=key) == files_of(depot, first.snapshot)
        assert page.contents(last.snapshot, key=key) == files_of(depot, last.snapshot)
    [listing] = page.ask(call("snapshots"), key=old)
    assert [one["id"] for one in listing["snapshots"]] == [first.snapshot.hex()]
    [problem] = listing["problems"]
    assert problem["kind"] == "key-refused"
    assert "older than what it is to open" in problem["message"]
    assert page.contents(first.snapshot, key=old) == {"a": b"in the first epoch"}


def test_joined_packs(depot: Depot, page_of: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    """Packs that a pruner joined, with several keys, are read by the indexes that it put in place of the old ones."""
    monkeypatch.setattr(packs, "TARGET", 64 << 10)
    rows = [depot.save({f"{number}": depot.noise(9000), "always": b"stays" * 999}) for number in range(8)]
    depot.forget(*rows[:3])
    for _ in range(3):
        depot.wait(8)
        depot.prune()
    page = page_of(depot.store, depot.reader)
    [listing] = page.ask(call("snapshots"))
    assert listing["problems"] == []
    for saved in rows[3:]:
        assert page.contents(saved.snapshot) == files_of(depot, saved.snapshot)
    acts = [depot.store.objects[name][0] for name in depot.store.names("acts")]
    assert any(b"moved" in raw for raw in acts), "nothing was joined"


def test_what_was_said(depot: Depot, page_of: Pages) -> None:
    """Forgotten, held and tagged snapshots are shown as such, by the newest act."""
    one, two, three = (depot.save({"a": depot.noise(9)}) for _ in range(3))
    depot.forget(one, two)
    forget.hold(depot.opened(depot.lister), [depot.snapshot(two.snapshot)], now=depot.clock())
    forget.tag(depot.as_pruner, [depot.snapshot(three.snapshot)], ["audit", "2026"], now=depot.clock())
    [listing] = page_of(depot.store, depot.reader).ask(call("snapshots"))
    shown = [(row["forgotten"], row["held"], row["tags"]) for row in listing["snapshots"]]
    assert shown == [(True, False, []), (False, True, []), (False, False, ["audit", "2026"])]
    assert [row["id"] for row in listing["snapshots"]] == [saved.snapshot.hex() for saved in (one, two, three)]
    assert listing["problems"] == []


def test_a_directory(depot: Depot, page_of: Pages) -> None:
    """A directory is listed in the order of its names, in parts where it is long."""
    names = sorted(f"{number:05}" for number in range(9000))
    snapshot = depot.save({f"many/{name}": b"" for name in names} | {"b": b"xyz"}).snapshot.hex()
    page = page_of(depot.store, depot.reader)
    top, many, rest, gone, inside = page.do(
        call("list", snapshot=snapshot),
        call("list", snapshot=snapshot, path="many", limit=100),
        call("list", snapshot=snapshot, path="/many/", offset=8990),
        call("list", snapshot=snapshot, path="money"),
        call("list", snapshot=snapshot, path="b"),
    )[1:]
    assert [(one["name"], one["type"], one.get("size")) for one in top["value"]["entries"]] == [
        ("b", "f", 3),
        ("many", "d", None),
    ]
    assert [one["name"] for one in many["value"]["entries"]] == names[:100]
    assert many["value"]["total"] == 9000
    assert [one["name"] for one in rest["value"]["entries"]] == names[8990:]
    assert gone["error"]["kind"] == "missing"
    assert inside["error"]["message"] == "a file isn't a directory"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("ete", {"photos/Été 2025.jpg"}),
        ("ÉTÉ", {"photos/Été 2025.jpg"}),
        ("*.csv", {"data/a.csv", "data/sub/b.csv"}),
        ("a.*", {"data/a.csv"}),
        ("?.csv", {"data/a.csv", "data/sub/b.csv"}),
        ("data/s", {"data/sub", "data/sub/b.csv"}),
        ("*s*b*", {"data/sub"}),
        ("nothing", set()),
        ("(", {"data/odd (1).txt"}),
    ],
)
def test_search(depot: Depot, page_of: Pages, query: str, found: set[str]) -> None:
    """Names are found whatever their case and accents, by a part of them, by a part of the path, by a pattern."""
    files = ["photos/Été 2025.jpg", "data/a.csv", "data/sub/b.csv", "data/odd (1).txt"]
    saved = depot.save(dict.fromkeys(files, b"x"))
    [answer] = page_of(depot.store, depot.reader).ask(call("search", snapshot=saved.snapshot.hex(), query=query))
    assert {one["path"] for one in answer["found"]} == found
    assert (answer["looked"], answer["problems"]) == (7, [])


def test_names_that_arent_text(tmp_path: Path, page_of: Pages) -> None:
    """A name of any bytes is listed, found again by what was listed, and shown so that nobody is misled."""
    vault = Vault(tmp_path)
    names = [
        b"caf\xe9",
        b"\xff\xfe",
        b"fdp\xe2\x80\xaegpj.exe",
        b"line\nbreak",
        b"\xed\xa0\x80",
        b"\xf0\x9f\x98\x80 ok",
    ]
    for name in names:
        Path(os.fsdecode(os.fsencode(vault.source) + b"/" + name)).write_bytes(name)
    snapshot = vault.save().snapshot.hex()
    page = page_of(vault.store, vault.reader)
    [listing] = page.ask(call("list", snapshot=snapshot))
    entries = listing["entries"]
    assert [one["name"].encode(errors="surrogateescape") for one in entries] == sorted(names)
    assert [one["shown"] for one in entries] == [
        "caf\\xe9", "fdp\\u202egpj.exe", "line\\u000abreak", "\\xed\\xa0\\x80", "\U0001f600 ok", "\\xff\\xfe",
    ]  # fmt: skip
    targets = [page.new() for _ in entries]
    page.ask(*(call("file", to, snapshot=snapshot, path=one["name"]) for to, one in zip(targets, entries, strict=True)))
    assert [target.read_bytes() for target in targets] == sorted(names)


def test_the_network_fails_for_a_while(depot: Depot, page_of: Pages) -> None:
    """Requests that fail are made again, and later where the portal is busy; one that ignores ranges serves as well."""
    saved = depot.save({"a": depot.noise(2 << 20)})
    page = page_of(depot.store, depot.reader)
    page.portal.failing, page.portal.busy = 2, 2
    assert page.contents(saved.snapshot) == files_of(depot, saved.snapshot)
    page.portal.ranges = False
    assert page.contents(saved.snapshot) == files_of(depot, saved.snapshot)


def test_stopping(depot: Depot, page_of: Pages) -> None:
    """A restore or a search that is stopped ends at once, and the worker goes on with what is asked next."""
    saved = depot.save({f"{number:02}": depot.noise(2 << 20) for number in range(50)})
    page = page_of(depot.store, depot.reader)
    where = {"snapshot": saved.snapshot.hex()}
    _, stopped, after = page.do(
        {**call("zip", page.new(), **where), "stopAfter": 1}, call("file", target := page.new(), path="03", **where)
    )
    assert stopped["error"]["kind"] == "stopped"
    assert "error" not in after
    assert target.read_bytes() == files_of(depot, saved.snapshot)["03"]
    assert page.portal.sent < 60 << 20


def test_another_repository(depot: Depot, page_of: Pages, tmp_path: Path) -> None:
    """A key of another repository is told that it is; a store that holds none, that there is none."""
    other = Depot(tmp_path)
    page = page_of(depot.store, other.reader)
    assert page.do()[0]["error"] == {"kind": "key-refused", "message": "this key belongs to another repository"}
    depot.store.objects.clear()
    assert page.do()[0]["error"]["kind"] == "missing"
