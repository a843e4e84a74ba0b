"""More files and more blobs than anybody's: no command needs more memory than a small server has."""

from __future__ import annotations

import os
import random
import shutil
from pathlib import Path

import pytest

from backup.engine.format import blobs, cipher, trees
from tests.backup.checking.hand import Blob, Hand
from tests.faults.backup.site import Site

pytestmark = pytest.mark.slow
LIMIT = 1 << 30
"""Bytes of memory."""
FILES, IN_A_FOLDER = 20_000, 1000
"""Of each round: a million files with FAULTS=50."""
BLOBS, IN_A_FILE, SIZE = 200_000, 10_000, 8
"""Of each round: ten million blobs with FAULTS=50, each of a few bytes, so many to a file."""
Written = dict[str, bytes]


@pytest.fixture
def empty(tmp_path: Path) -> Site:
    """A repository, and nothing to save yet."""
    return Site(tmp_path)


def within(site: Site, *arguments: str, role: str = "writer", state: str = "state") -> None:
    """A command ends well and within the limit."""
    code, memory = site.measured(*arguments, role=role, state=state)
    assert code == 0, arguments
    assert memory < LIMIT, f"{arguments}: {memory >> 20} MiB"


def make_files(folder: Path, count: int, chance: random.Random) -> None:
    for start in range(0, count, IN_A_FOLDER):
        below = os.fsencode(folder) + b"/%05d" % (start // IN_A_FOLDER)
        os.mkdir(below)  # noqa: PTH102 (quicker)
        for number in range(IN_A_FOLDER):
            file = os.open(below + b"/%03d" % number, os.O_CREAT | os.O_WRONLY, 0o600)
            os.write(file, b"%d" % (start + number) + chance.randbytes(chance.randrange(60)))
            os.close(file)


def test_a_million_files(empty: Site, chance: random.Random, rounds: int) -> None:
    """A million files are saved, saved again unchanged, checked and restored within a gibibyte of memory."""
    count = FILES * rounds
    make_files(empty.source, count, chance)
    save = ("save", "--source", "data", str(empty.source))
    within(empty, *save)
    within(empty, *save)
    changed = empty.source / "00000" / "changed"
    changed.write_text("x")
    within(empty, *save)
    assert [one["files"] for one in empty.snapshots()] == [count, count, count + 1]
    within(empty, "check", "--read-data", role="verifier")
    within(empty, "diff", empty.snapshots()[0]["id"], "latest", role="reader")
    target = empty.base / "target"
    within(empty, "restore", f"latest:{empty.source}", "--target", str(target), role="reader")
    changed.unlink()
    (target / "00000" / "changed").unlink()
    for start in range(0, count, IN_A_FOLDER):
        name = f"{start // IN_A_FOLDER:05}"
        assert sorted(os.listdir(target / name)) == sorted(os.listdir(empty.source / name))  # noqa: PTH208 (quicker)
    for _ in range(200 * rounds):
        path = Path(f"{chance.randrange(count // IN_A_FOLDER):05}", f"{chance.randrange(IN_A_FOLDER):03}")
        assert (target / path).read_bytes() == (empty.source / path).read_bytes()
    within(empty, "forget", "--keep-last", "1", role="pruner")
    within(empty, "prune", "--grace", "0h", "--force", role="pruner")
    for folder in (target, empty.source):
        shutil.rmtree(folder)


def make_blobs(site: Site, count: int) -> Written:
    """A snapshot by hand of files that are made of very many tiny pieces: one of them."""
    hand, nodes, indexes = Hand(site.opened("writer")), [], []
    content = b""
    for start in range(0, count, BLOBS):
        data = hand.pack(*(Blob(number.to_bytes(SIZE, "big")) for number in range(start, start + BLOBS)))
        ids = b"".join(blobs.ids(data.entries))
        meta: list[Blob] = []

        def keep(part: bytes, lists: list[Blob] = meta) -> bytes:
            lists.append(Blob(part, blobs.LIST))
            return hand.identify(part, blobs.LIST)

        for first in range(0, BLOBS, IN_A_FILE):
            pieces, depth = trees.fold(ids[32 * first : 32 * (first + IN_A_FILE)], keep)
            content = b"".join((start + first + number).to_bytes(SIZE, "big") for number in range(IN_A_FILE))
            node = {"n": b"%09d" % (start + first), "t": "f", "m": 0o600, "mt": 1, "s": len(content), "c": pieces}
            nodes.append(node | {"p": depth, "h": cipher.digest(content)})
        indexes.append(hand.index([data, hand.pack(*meta)]))
        hand.packs.clear()
    tree = Blob(cipher.pack(nodes), blobs.TREE)
    indexes.append(hand.index([hand.pack(tree)]))
    hand.announce(hand.identify(tree.content, blobs.TREE), indexes)
    return {nodes[-1]["n"].decode(): content}


def test_ten_million_blobs(empty: Site, rounds: int) -> None:
    """A repository of ten million blobs is checked, read, vouched for, saved to and pruned within a gibibyte."""
    [(name, content)] = make_blobs(empty, BLOBS * rounds).items()
    within(empty, "check", role="reader")
    target = empty.base / "target"
    within(empty, "restore", f"latest:{name}", "--target", str(target), role="reader")
    assert (target / name).read_bytes() == content
    within(empty, "scan", role="verifier")
    (empty.source / "known").write_bytes((BLOBS * rounds - 1).to_bytes(SIZE, "big"))
    (empty.source / "new").write_text("what nobody has")
    another = empty.derive("another")
    within(empty, "save", "--source", "data", str(empty.source), role=another, state="another")
    assert empty.snapshots()[-1]["fresh"] < 2000
    within(empty, "prune", "--dry-run", role="pruner")
