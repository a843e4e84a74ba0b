"""A writer whose key was stolen can't make a browser run out of memory, of time or of the right folder."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import msgpack
import pytest

from backup.engine.format import blobs
from backup.engine.format.keys import Key
from backup.engine.format.snapshots import Counts
from backup.engine.stores.base import Store
from tests.backup.browser.conftest import REPORT, Page, call
from tests.backup.browser.forge import Forge, directory, file, zstd
from tests.backup.keeping.conftest import Depot

MEMORY = 400 << 20
"""More than node itself, the code and what is read ahead."""


@pytest.fixture
def forge(depot: Depot) -> Forge:
    return Forge(depot.store, depot.writer)


@pytest.fixture
def page(depot: Depot, page_of: Callable[[Store, Key], Page]) -> Page:
    return page_of(depot.store, depot.reader)


def refusals(page: Page, *snapshots: bytes) -> list[str]:
    """What a page says that lists the top of each snapshot."""
    answers = page.do(*(call("list", snapshot=snapshot.hex()) for snapshot in snapshots))[1:]
    return [
        answer["error"]["message"]
        if "error" in answer
        else " ".join(one["message"] for one in answer["value"]["missing"])
        for answer in answers
    ]


def test_bombs(forge: Forge, page: Page) -> None:
    """Content that would unpack to more than it says, or to more than a blob may hold, isn't unpacked."""
    zeros = bytes(200 << 20)
    bomb = zstd(zeros)
    lies: list[dict[str, Any]] = [
        {"length": 100, "method": 1, "body": bomb},
        {"length": len(zeros), "method": 1, "body": bomb},
        {"length": 2**32 - 1, "method": 1, "body": bomb},
        {"length": 100, "method": 0, "body": zeros[: 1 << 20]},
        {"length": 3, "method": 2},
        {"stored": 2**31},
        {"offset": 2**32 - 1},
        {"key": 7},
    ]
    ids = [forge.blob(blobs.DATA, f"{number}".encode(), **lie) for number, lie in enumerate(lies)]
    tree = forge.tree(*(file(f"{number}", id_, s=100) for number, id_ in enumerate(ids)))
    snapshot = forge.snapshot(tree).hex()
    target = page.new()
    answers = page.do(*(call("file", target, snapshot=snapshot, path=f"{number}") for number in range(len(lies))))[1:]
    reasons = {answer["error"]["message"].partition(": ")[2].partition(" ")[0] for answer in answers}
    assert all("error" in answer for answer in answers)
    assert reasons == {"a", "blob"}
    [restored] = page.ask(call("zip", target, snapshot=snapshot))
    assert restored["peak"] < MEMORY


def test_indexes_that_swell(forge: Forge, page: Page) -> None:
    """An index that declares too much, or lists what no writer lists, is told, and the rest is read."""
    good = forge.tree(file("a"))
    index = forge.index(forge.flush())
    row = [bytes(32), 1, "D", bytes(52)]
    bad = [
        zstd(bytes(300 << 20)),
        zstd(msgpack.packb([row]))[:-1],
        zstd(b"\xdd\xff\xff\xff\xff"),
        zstd(msgpack.packb([[bytes(31), *row[1:]]])),
        zstd(msgpack.packb([[*row[:2], "", row[3]]])),
        zstd(msgpack.packb([[*row[:3], bytes(51)]])),
        zstd(msgpack.packb({"a": 1})),
        b"",
    ]
    snapshots = [forge.snapshot(good, index, forge.index_of(packed)) for packed in bad]
    said = [words.partition(": ")[2] for words in refusals(page, *snapshots)]
    assert said == [
        "declares more than an index may hold",
        "doesn't unpack",
        "isn't readable msgpack",
        *["lists a pack that no writer makes"] * 4,
        "doesn't unpack",
    ]


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "/", "a\0b", "../../etc/passwd"])
def test_names_that_lead_out(forge: Forge, page: Page, name: str) -> None:
    """A name that could lead out of its directory makes the tree unreadable."""
    [said] = refusals(page, forge.snapshot(forge.tree(file(name))))
    assert said.endswith("a tree holds a node that no writer makes")


@pytest.mark.parametrize(
    "node",
    [
        {"n": "text"}, {"t": 5}, {"m": -1}, {"m": 0o10000}, {"mt": "now"}, {"s": -1}, {"s": 2**60}, {"s": "1"},
        {"c": b"short"}, {"p": 5}, {"p": -1}, {"h": b"short"}, {"c": bytes(64)}, {"e": [[0, 1], [0, 1]]},
        {"e": [[0, 0]]}, {"e": [[5, 9]]}, {"e": [[0]]}, {"e": 1}, {"t": "l"}, {"t": "l", "l": b""},
        {"t": "l", "l": "text"}, {"a": []}, {"un": 5},
    ],
)  # fmt: skip
def test_nodes_that_no_writer_makes(forge: Forge, page: Page, node: dict[str, Any]) -> None:
    """A node whose fields are of another kind or size than the format says makes the tree unreadable."""
    [said] = refusals(page, forge.snapshot(forge.tree(file("a", s=3) | node)))
    assert said.endswith("a tree holds a node that no writer makes")


def test_trees_that_arent(forge: Forge, page: Page) -> None:
    """A tree whose names aren't in order, within a blob or from one to the next, or that isn't a tree, is refused."""
    first, second = forge.tree(file("a"), file("c")), forge.tree(file("b"))
    forge_tree = forge.blob(blobs.TREE, b"\xc1")
    snapshots = [
        forge.tree(file("b"), file("a")),
        forge.tree(file("a"), file("a")),
        first + second,
        forge_tree,
        forge.blob(blobs.TREE, msgpack.packb({"a": 1})),
        forge.blob(blobs.LIST, b""),
        b"\1" * 32,
        forge.blob(blobs.TREE, b"\x91" * 5000 + b"\x01"),
    ]
    index = forge.index(forge.flush())
    said = refusals(page, *(forge.snapshot(root, index) for root in snapshots))
    assert [words.rpartition(": ")[2] for words in said] == [
        *["the names of a tree aren't in order"] * 3,
        "isn't readable msgpack",
        "a tree isn't a list",
        "a blob is of another type than its place calls for",
        "no index of the snapshot lists it",
        "isn't readable msgpack",
    ]


def test_a_tree_without_end(forge: Forge, page: Page) -> None:
    """Few blobs can stand for more files than there are atoms: the snapshot's own count ends the walk."""
    below = forge.tree(*(file(f"{number:02}") for number in range(100)))
    for _ in range(30):
        below = forge.tree(*(directory(f"{number:02}", below) for number in range(100)))
    snapshot = forge.snapshot(below, counts=Counts(500, 500, 0, 0)).hex()
    search, restored = page.do(
        call("search", snapshot=snapshot, query="x"), call("zip", target := page.new(), snapshot=snapshot)
    )[1:]
    assert 1000 < search["value"]["looked"] <= 3100
    assert [problem["message"] for problem in search["value"]["problems"]] == [
        "tree: holds far more than its snapshot says"
    ]
    assert "error" not in restored
    assert target.stat().st_size < 1 << 20


def test_a_deep_tree(forge: Forge, page: Page) -> None:
    """A tree deeper than any system allows is followed so far, told, and all beside it is restored."""
    below = forge.tree(file("bottom"))
    for _ in range(2500):
        below = forge.tree(directory("d", below))
    root = forge.tree(file("beside"), directory("deep", below))
    snapshot = forge.snapshot(root, counts=Counts(2, 3000, 0, 0))
    with page.zip(snapshot) as archive:
        names = archive.namelist()
        report = json.loads(archive.read(REPORT))
    assert names[0] == "beside"
    assert max(name.count("/") for name in names) > 2000
    [problem] = report["problems"]
    assert problem.endswith("lies more than 2048 directories deep")


def test_lists_of_lists(forge: Forge, page: Page) -> None:
    """A file whose lists name each other ends where it holds more than its node says."""
    piece = forge.blob(blobs.DATA, b"0123456789")
    ids = piece * 1024
    for _ in range(4):
        ids = forge.blob(blobs.LIST, ids) * 1024
    snapshot = forge.snapshot(forge.tree(file("a", ids, p=4, s=1 << 14, h=bytes(32)))).hex()
    target = page.new()
    [answer] = page.do(call("file", target, snapshot=snapshot, path="a"))[1:]
    assert answer["error"]["message"] == "a: holds more than its node says"
    assert target.stat().st_size <= 1 << 14


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"s": 9}, "isn't the file that was saved"),
        ({"s": 11}, "isn't the file that was saved"),
        ({"s": 20, "h": bytes(32)}, "isn't the file that was saved"),
        ({"s": 100, "e": [[0, 11]]}, "isn't the file that was saved"),
        ({"s": 100, "e": [[0, 9]]}, "holds more than its node says"),
        ({"s": 100, "e": []}, "holds more than its node says"),
    ],
)
def test_files_that_arent(forge: Forge, page: Page, fields: dict[str, Any], words: str) -> None:
    """A file of another size or hash than its node says is refused, and left out of a zip."""
    piece = forge.blob(blobs.DATA, b"0123456789")
    ids = piece * 2 if "h" in fields else piece
    words = "holds more than its node says" if fields["s"] == 9 else words
    snapshot = forge.snapshot(forge.tree(file("a", ids, **fields), file("b", piece, s=10)))
    [answer] = page.do(call("file", page.new(), snapshot=snapshot.hex(), path="a"))[1:]
    assert answer["error"]["message"] == f"a: {words}"
    with page.zip(snapshot) as archive:
        assert archive.namelist() == ["b", REPORT]
        assert archive.read("b") == b"0123456789"
        assert json.loads(archive.read(REPORT))["problems"] == [f"a: {words}"]


def test_a_store_that_says_too_much(forge: Forge, page: Page) -> None:
    """Objects that are larger than any of their kind aren't read, names that aren't the format's are passed over."""
    tree = forge.tree(file("a"))
    snapshot = forge.snapshot(tree)
    page.portal.extra = {"snapshots/" + "ab" * 16 + "/" + "0" * 15 + "1": 1 << 40, "keys/evil": 5, "acts/../../x": 5}
    [listing] = page.ask(call("snapshots"))
    assert [row["id"] for row in listing["snapshots"]] == [snapshot.hex()]
    assert [problem["message"].partition(": ")[2] for problem in listing["problems"]] == [
        "is larger than any object of its kind"
    ]
    page.portal.changed = {"config/00000001": bytes(17 << 20)}
    assert page.do()[0]["error"]["message"] == "config/00000001: is larger than it may be"
