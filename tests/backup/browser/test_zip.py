"""A part of a snapshot leaves as a zip that every system can unpack, and that misleads none."""

from __future__ import annotations

import json
import time
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from backup.engine.format import blobs
from backup.engine.format.keys import Key
from backup.engine.format.snapshots import Counts
from backup.engine.stores.base import Store
from tests.backup.browser.conftest import REPORT, Page
from tests.backup.browser.forge import Forge, directory, file
from tests.backup.browser.node import node, values
from tests.backup.keeping.conftest import Depot


@pytest.fixture
def page(depot: Depot, page_of: Callable[[Store, Key], Page]) -> Page:
    return page_of(depot.store, depot.reader)


@pytest.fixture
def forge(depot: Depot) -> Forge:
    return Forge(depot.store, depot.writer)


def test_chosen_paths(depot: Depot, page: Page) -> None:
    """Chosen files and folders lie at the top under their own names; what lies in another choice isn't there twice."""
    saved = depot.save({"a/b/c": b"1", "a/b/d/e": b"2", "x/c": b"3", "y": b"4"})
    assert page.contents(saved.snapshot, "a/b", "x/c", "a/b/d") == {"b/c": b"1", "b/d/e": b"2", "c": b"3"}
    assert page.contents(saved.snapshot, "a/b/c", "x/c") == {"c": b"1", "c (2)": b"3"}
    assert page.contents(saved.snapshot, "y") == {"y": b"4"}
    assert len(page.contents(saved.snapshot)) == 4


def test_names_for_every_system(forge: Forge, page: Page) -> None:
    """Names that Windows can't write, that mislead or that collide become safe ones, and the report tells which."""
    names = [
        "a:b",
        "a?b",
        "CON",
        "aux.txt",
        "dot.",
        "back\\slash",
        "fdp\u202egpj.exe",
        "nul\u00e9",
        "readme",
        "README",
        "x" * 255,
        REPORT,
    ]
    wanted = sorted(names, key=str.encode)
    snapshot = forge.snapshot(forge.tree(*(file(name) for name in wanted)))
    with page.zip(snapshot) as archive:
        given = archive.namelist()
        report = json.loads(archive.read(given[-1]))
    renamed = {row["path"]: row["name"] for row in report["renamed"]}
    assert renamed == {
        "CON": "_CON", "a:b": "a_b", "a?b": "a_b (2)", "aux.txt": "_aux.txt", "back\\slash": "back_slash",
        "dot.": "dot_", "fdp\u202egpj.exe": "fdp_gpj.exe", "readme": "readme (2)",
        REPORT: "restore-report (2).json", "x" * 255: "x" * 240,
    }  # fmt: skip
    assert given == [renamed.get(name, name) for name in wanted] + [REPORT]
    assert len({name.lower() for name in given}) == len(given)


def test_names_that_arent_text(forge: Forge, page: Page) -> None:
    """Bytes that aren't UTF-8 are written out in the name, and folders with such names hold what they held."""
    tree = forge.tree(file("in"))
    odd = directory("", tree) | {"n": b"caf\xe9"}
    with page.zip(forge.snapshot(forge.tree(odd))) as archive:
        assert archive.namelist() == ["caf%e9/", "caf%e9/in", REPORT]


@pytest.mark.parametrize(
    ("target", "inside"),
    [
        ("c", True),
        ("../x", True),
        ("./c", True),
        ("../../d/../x", False),
        ("c/../../x", False),
        ("../../x", False),
        ("/etc/passwd", False),
        ("a/../../../x", False),
        ("C:\\x", False),
    ],
)
def test_links(forge: Forge, page: Page, target: str, inside: bool) -> None:
    """A link that stays inside is a link; one that leads out, or may by another link, is told and left out."""
    tree = forge.tree({"n": b"l", "t": "l", "m": 0o777, "mt": 1, "l": target.encode()})
    with page.zip(forge.snapshot(forge.tree(directory("d", tree)))) as archive:
        assert ("d/l" in archive.namelist()) is inside
        problems = json.loads(archive.read(REPORT))["problems"]
    assert problems == ([] if inside else [f"d/l: a link to {target}, which is outside: left out"])


def test_other_kinds(forge: Forge, page: Page) -> None:
    """Devices, pipes and kinds that nobody knows yet are told, and the rest is there."""
    nodes = [{"n": letter.encode(), "t": letter, "m": 0, "mt": 1, "r": [1, 2]} for letter in "bcpsz"]
    with page.zip(forge.snapshot(forge.tree(*nodes, file("zz")))) as archive:
        assert archive.namelist() == ["zz", REPORT]
        assert len(json.loads(archive.read(REPORT))["problems"]) == 5


@pytest.mark.parametrize("year", [1700, 1969, 1980, 2026, 2040, 2107, 2500])
def test_times(forge: Forge, page: Page, year: int) -> None:
    """Times that zip can't say become the nearest that it can."""
    seconds = (year - 1970) * 31_556_952 + 5_000_000
    with page.zip(forge.snapshot(forge.tree(file("a") | {"mt": seconds * 10**9}))) as archive:
        [entry, _] = archive.infolist()
    assert entry.date_time[0] == min(max(year, 1980), 2107)
    if 1980 <= year <= 2037:
        assert abs(time.mktime((*entry.date_time, 0, 0, -1)) - seconds) <= 2


def test_a_damaged_file_is_left_out(forge: Forge, page: Page) -> None:
    """A file that breaks off half-way is in the report, not in the directory of the zip; what follows is whole."""
    pieces = [forge.blob(blobs.DATA, bytes([number]) * 1000) for number in range(3)]
    broken = pieces[0] + b"\1" * 32 + pieces[2]
    nodes = [
        file("a", broken, s=3000, h=bytes(32)),
        file("b", b"".join(pieces), s=3000, h=bytes(32)),
        file("c", pieces[0], s=1000),
    ]
    with page.zip(forge.snapshot(forge.tree(*nodes))) as archive:
        assert archive.namelist() == ["c", REPORT]
        assert archive.testzip() is None
        problems = json.loads(archive.read(REPORT))["problems"]
    assert problems == [
        "a: blob 0101010101010101: no index of the snapshot lists it",
        "b: isn't the file that was saved",
    ]


def test_more_than_four_gigabytes(tmp_path: Path) -> None:
    """A file beyond 4 GiB, what lies behind it, and the end of the zip are written with the wide fields."""
    size = (1 << 32) + 5
    common = {"mode": 0o100644, "seconds": 1_700_000_000}
    large = common | {"name": "large", "size": size, "crc": 7, "offset": 0, "described": True}
    [head, tail] = values(("zip/records.js", "local", [large]), ("zip/records.js", "descriptor", [large]))
    small = common | {
        "name": "small",
        "size": 3,
        "crc": zlib.crc32(b"abc"),
        "offset": len(head) + size + len(tail),
        "described": False,
    }
    [second] = values(("zip/records.js", "local", [small]))
    directory = b"".join(values(*(("zip/records.js", "central", [one]) for one in (large, small))))
    start = small["offset"] + len(second) + 3
    [end] = values(("zip/records.js", "end", [2, start, len(directory)]))
    with (tmp_path / "large.zip").open("wb") as file:
        file.write(head)
        file.seek(size, 1)
        file.write(tail + second + b"abc" + directory + end)
    with zipfile.ZipFile(tmp_path / "large.zip") as archive:
        assert [one.file_size for one in archive.infolist()] == [size, 3]
        assert archive.getinfo("small").header_offset > size
        assert archive.read("small") == b"abc"
        with archive.open("large") as content:
            assert content.read(5) == bytes(5)


def test_more_than_65535_entries(forge: Forge, page: Page) -> None:
    """A zip of many entries has the wide end as well."""
    trees = [forge.tree(*(file(f"{block:02}-{number:04}") for number in range(4000))) for block in range(17)]
    with page.zip(forge.snapshot(b"".join(trees), counts=Counts(68000, 1))) as archive:
        assert len(archive.namelist()) == 68001


def test_sums() -> None:
    """The sums are those of zlib, of every length and however the bytes lie."""
    content = bytes(range(256)) * 5
    parts = [content[start : start + length] for start in range(9) for length in (0, 1, 7, 8, 9, 63, 1000)]
    assert values(*(("zip/crc.js", "crc32", [part]) for part in parts)) == [zlib.crc32(part) for part in parts]
    [first] = values(("zip/crc.js", "crc32", [content[:100]]))
    assert values(("zip/crc.js", "crc32", [content[100:], first])) == [zlib.crc32(content)]


def test_endless_names() -> None:
    """A name of a megabyte is cut at once, between two letters."""
    [answer] = node("call.mjs", [("zip/safe.js", "safe", ["é" * 500_000 + ".txt"])], seconds=30)
    assert answer["value"] == "é" * 118 + ".txt"


def test_zip_is_a_zip(depot: Depot, page: Page) -> None:
    """An empty snapshot makes a zip with its report alone."""
    saved = depot.save({})
    with page.zip(saved.snapshot) as archive:
        assert archive.namelist() == [REPORT]
        assert isinstance(archive, zipfile.ZipFile)
