"""A store that rots, loses, mixes up or puts back what it was given: each is found by name, and the rest comes back."""

from __future__ import annotations

import os
import random
import shutil
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from backup.engine.format import keyfile, layout
from tests.backup.conftest import picture
from tests.faults.backup.site import Site, fill

pytestmark = pytest.mark.slow
FOLDERS = ("packs", "index", "snapshots", "keys", "config", "acts", "manifests")
Picture = dict[bytes, tuple[Any, ...]]


@dataclass
class Grown:
    """A repository in which there is something of each kind, and what its snapshots hold: all of it in the source."""

    site: Site
    states: dict[str, Picture] = field(default_factory=dict)

    def __post_init__(self) -> None:
        site, chance = self.site, random.Random(3)
        revoked = keyfile.load(site.key(site.derive("spare")).read_text()).key_id.hex()
        site.ok("key", "revoke", revoked, "--master", str(site.key("master")), role="")
        for round_ in range(3):
            more = site.source / f"part {round_}"
            more.mkdir()
            fill(more, chance, files=12, large=1)
            self.states[site.save()["snapshot"]] = picture(site.source)
        site.ok("hold", next(iter(self.states)), role="pruner")
        site.ok("scan", role="verifier")
        assert site.report()["sound"]

    def draw(self, folder: str, chance: random.Random, kind: bytes = b"") -> Path:
        """An object, of this kind where that is said."""
        return chance.choice([path for path in self.site.objects(folder) if kind in path.read_bytes()[4:5]])

    def name(self, path: Path) -> str:
        return path.relative_to(self.site.folder).as_posix()

    def is_named(self, path: Path) -> dict[str, Any]:
        """A check names this object, or says that the repository doesn't open because of it."""
        report = self.site.report()
        if report["type"] == "error":
            assert self.name(path) in report["message"]
        else:
            assert self.name(path) in {one["object"] for one in report["problems"]}
        return report

    def comes_back(self, report: dict[str, Any], chance: random.Random) -> None:
        """Of a snapshot that is called whole all comes back, of one that isn't all but the files that are named."""
        if whole := [id_ for id_ in report.get("whole", ()) if id_ in self.states]:
            id_ = chance.choice(whole)
            assert self.site.restored(id_) == self.states[id_]
        if touched := [one for one in report.get("touched", ()) if one["snapshot"] in self.states]:
            one = chance.choice(touched)
            self.comes_back_in_part(one["snapshot"], [os.fsencode(loss["path"]) for loss in one["losses"]])

    def comes_back_in_part(self, id_: str, lost: list[bytes]) -> None:
        site, target = self.site, self.site.base / "in part"
        done = site.run("restore", f"{id_}:{site.source}", "--target", str(target), role="reader")
        assert "Traceback" not in done.stderr
        found = contents(picture(target)) if target.exists() else {}
        shutil.rmtree(target, ignore_errors=True)
        above = os.fsencode(site.source)[1:]
        was = contents(self.states[id_])
        kept = {path: was[path] for path in was if not any(lies_in(above + path, one.strip(b"/")) for one in lost)}
        if done.returncode == 1:  # not even the folder that was asked for is there
            assert kept == {}
        else:
            assert done.returncode == (0 if kept == was else 3)
            assert found == kept

    def pruned(self) -> None:
        """Once what is rotten was pruned, nothing is wrong any more, and every snapshot that is known restores."""
        site = self.site
        for _ in range(2):
            site.ok("prune", "--grace", "0h", "--force", role="pruner")
        assert site.report()["sound"]
        known = [one["id"] for one in site.snapshots() if one["id"] in self.states]
        assert known
        for id_ in known:
            assert site.restored(id_) == self.states[id_]


def contents(found: Picture) -> dict[bytes, object]:
    return {path: facts[-1] for path, facts in found.items() if not stat.S_ISDIR(facts[0])}


def lies_in(path: bytes, folder: bytes) -> bool:
    """Whether a path is this one, or below it; the root holds all."""
    return not folder or (path + b"/").startswith(folder + b"/")


@contextmanager
def put_back(*paths: Path) -> Iterator[None]:
    """Whatever is done to these objects is undone, their times of arrival too."""
    was = [(path, path.read_bytes(), path.stat().st_mtime_ns) for path in paths]
    try:
        yield
    finally:
        for path, raw, received in was:
            write(path, raw, received)


def write(path: Path, raw: bytes, received: int) -> None:
    """As a disk does that rots: no time tells of it."""
    path.write_bytes(raw)
    os.utime(path, ns=(received, received))


def flipped(path: Path, chance: random.Random) -> None:
    raw = bytearray(path.read_bytes())
    raw[chance.randrange(len(raw))] ^= 1 << chance.randrange(8)
    write(path, bytes(raw), path.stat().st_mtime_ns)


def truncated(path: Path, chance: random.Random) -> None:
    raw = path.read_bytes()
    write(path, raw[: chance.randrange(1, len(raw))], path.stat().st_mtime_ns)


def emptied(path: Path, _chance: random.Random) -> None:
    write(path, b"", path.stat().st_mtime_ns)


def deleted(path: Path, _chance: random.Random) -> None:
    path.unlink()


Harm = Callable[[Path, random.Random], None]
HARMS: tuple[Harm, ...] = (flipped, truncated, emptied, deleted)


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Grown:
    """For all tests that put back what they harm."""
    return Grown(Site(tmp_path_factory.mktemp("grown")))


def test_flipped_bits(grown: Grown, chance: random.Random, rounds: int) -> None:
    """Whichever bit of whichever object turns: a check names the object and the files that it costs, no more."""
    for _ in range(2 * rounds):
        path = grown.draw(chance.choice(FOLDERS), chance)
        with put_back(path):
            flipped(path, chance)
            grown.comes_back(grown.is_named(path), chance)
    assert grown.site.report()["sound"]


@pytest.mark.parametrize("harm", HARMS[1:])
def test_lost_objects(grown: Grown, chance: random.Random, rounds: int, harm: Harm) -> None:
    """An object that is cut, empty or gone is named, and so are the files that it costs."""
    for folder in FOLDERS[:4]:
        for _ in range(rounds // 10 + 1):
            path = grown.draw(folder, chance)
            with put_back(path):
                harm(path, chance)
                if folder == "keys" and harm is deleted and "writer" not in owner(grown, path):
                    continue  # nothing that this key signed is missed
                grown.comes_back(grown.is_named(path), chance)


def owner(grown: Grown, badge: Path) -> set[str]:
    """Who of us has the key of this badge."""
    roles = {role: keyfile.load(grown.site.key(role).read_text()).key_id.hex() for role in ("writer", "pruner")}
    return {role for role, id_ in roles.items() if id_ == badge.name}


@pytest.mark.parametrize("folder", ["packs", "index", "snapshots"])
def test_swapped_and_renamed_objects(grown: Grown, chance: random.Random, rounds: int, folder: str) -> None:
    """Two objects that exchange their names are both named, and one that has another name is missed."""
    for _ in range(rounds // 10 + 1):
        first, second = chance.sample(grown.site.objects(folder), 2)
        with put_back(first, second):
            one, other = first.read_bytes(), second.read_bytes()
            first.write_bytes(other)
            second.write_bytes(one)
            grown.is_named(first)
            grown.comes_back(grown.is_named(second), chance)
        elsewhere = first.with_name(first.name[:-8] + f"{chance.randrange(1 << 32):08x}")
        with put_back(first):
            first.rename(elsewhere)
            grown.comes_back(grown.is_named(first), chance)
            elsewhere.unlink()


@pytest.mark.parametrize("folder", ["snapshots", "index", "config"])
def test_an_older_object_in_the_place_of_a_newer(grown: Grown, chance: random.Random, folder: str) -> None:
    """A snapshot, an index or a config that is replayed under the name of a later one is named."""
    older, newer = grown.site.objects(folder)[:2]
    with put_back(newer):
        write(newer, older.read_bytes(), newer.stat().st_mtime_ns)
        grown.comes_back(grown.is_named(newer), chance)


@pytest.mark.parametrize("folder", ["snapshots", "config"])
def test_the_newest_is_taken_away(grown: Grown, chance: random.Random, folder: str) -> None:
    """Who has seen the newest snapshot or config misses it, though nothing in the store tells that it was there."""
    newest = grown.site.objects(folder)[-1]
    with put_back(newest):
        newest.unlink()
        report = grown.site.report()
        assert report.get("problems") or "older state" in report["message"]
        grown.comes_back(report, chance)


def test_yesterday_s_repository(grown: Grown) -> None:
    """A whole repository put back to what it was is found by the machine that saved into it and by who checks it."""
    site, today = grown.site, grown.site.base / "today"
    shutil.copytree(site.folder, today)
    state = site.base / "state of today"
    shutil.copytree(site.base / "state", state)
    site.save()
    assert site.report()["sound"]
    shutil.rmtree(site.folder)
    today.rename(site.folder)
    assert not site.report()["sound"]
    assert site.save()["store_differs"]
    shutil.rmtree(site.folder)
    shutil.rmtree(site.base / "state")
    shutil.copytree(state, site.base / "state")


@pytest.mark.parametrize("kind", [layout.DATA_PACK, layout.INDEX])
def test_it_heals(tmp_path: Path, chance: random.Random, rounds: int, kind: bytes) -> None:
    """What the source still holds is stored again, older snapshots get it back, and all restore bit by bit."""
    grown = Grown(Site(tmp_path))
    site, folder = grown.site, "index" if kind == layout.INDEX else "packs"
    for round_ in range(max(rounds // 2, 2)):
        HARMS[round_ % len(HARMS)](grown.draw(folder, chance, kind), chance)
        assert site.run("scan", role="verifier").returncode == 1
        grown.states[site.save()["snapshot"]] = picture(site.source)
        site.ok("repair", role="verifier")
        grown.pruned()
    assert len(site.snapshots()) == len(grown.states)


def test_what_is_lost_for_good(tmp_path: Path, chance: random.Random, rounds: int) -> None:
    """Older folders that nothing holds any more are named; made anew without them, all else is whole again."""
    grown = Grown(Site(tmp_path))
    site = grown.site
    for round_ in range(max(rounds // 5, 1)):
        HARMS[round_ % len(HARMS)](grown.draw("packs", chance, layout.META_PACK), chance)
        grown.states[site.save()["snapshot"]] = picture(site.source)
        report = site.report()
        assert not report["sound"]
        grown.comes_back(report, chance)
        assert site.run("repair", "--without-lost", "--forget", role="master").returncode in (0, 3)
        for one in site.report()["touched"]:  # of which nothing was left
            site.ok("release", one["snapshot"], role="pruner")
            site.ok("forget", one["snapshot"], role="pruner")
        grown.pruned()


def test_a_rotten_snapshot_is_written_off(tmp_path: Path, chance: random.Random) -> None:
    """A snapshot that nobody can read any more hinders no other; written off, it is pruned and missed no more."""
    grown = Grown(Site(tmp_path))
    site = grown.site
    for path in (site.objects("snapshots")[1], site.objects("snapshots")[-1]):
        flipped(path, chance)
        grown.is_named(path)
        grown.states[site.save()["snapshot"]] = picture(site.source)
        assert site.run("prune", role="pruner").returncode == 1
        site.ok("forget", "--lost", grown.name(path), role="pruner")
        for _ in range(2):
            site.ok("prune", "--grace", "0h", "--force", role="pruner")
        assert not path.exists()
    assert site.report()["sound"]
    known = {one["id"] for one in site.snapshots()}
    assert len(known) == 3
    for id_ in known:
        assert site.restored(id_) == grown.states[id_]
