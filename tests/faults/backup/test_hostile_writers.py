"""A machine that was taken over and keeps no rule: it is found out, and harms neither what others saved nor them."""

from __future__ import annotations

import os
import platform
import random
import shutil
import subprocess
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from backup.engine.format import blobs, cipher, layout, snapshots
from backup.engine.format.snapshots import Counts, Effort, Taken
from tests.backup.checking.hand import Blob, Hand
from tests.backup.checking.lies import LIES, NODE, TREES, lie, lying
from tests.backup.conftest import picture
from tests.faults.backup.site import Site, change

pytestmark = pytest.mark.slow
YEAR = 365 * 24 * 3600 * 10**9
LITTLE = 400 << 20
"""More memory than this nobody needs who reads a small repository, whatever lies in it."""


@pytest.fixture
def honest(site: Site) -> str:
    """A snapshot of the machine beside it."""
    found: str = site.save()["snapshot"]
    return found


@pytest.fixture
def rogue(site: Site, honest: str) -> Hand:
    """A machine of the same repository that keeps no rule."""
    return Hand(site.opened(site.derive("rogue")))


def restored(site: Site, snapshot: str) -> subprocess.CompletedProcess[str]:
    """Restore a snapshot that may hold anything. Nothing comes to be outside of its target, which is taken away."""
    before = set(site.base.iterdir())
    target = site.base / "rogue target"
    done = site.run("restore", snapshot, "--target", str(target), role="reader")
    assert "Traceback" not in done.stderr
    shutil.rmtree(target, ignore_errors=True)
    assert set(site.base.iterdir()) - before <= {site.base / "state-cache"}
    return done


def spared(site: Site, honest: str, report: dict[str, object]) -> None:
    """The other machine's snapshot is called whole and restores; it and a third one save as ever."""
    whole = report["whole"]
    assert isinstance(whole, list)
    assert honest in whole
    assert site.restored(honest) == picture(site.source)
    assert site.save()["added"] == 0
    site.save(role=site.derive(f"third-{time.monotonic_ns()}"), state=f"state-{time.monotonic_ns()}")


def test_blobs_that_lie(site: Site, rogue: Hand, honest: str) -> None:
    """Rubbish under a good id, bombs and blobs of a false size cost their writer a file each, and nobody memory."""
    known = rogue.identify(next(site.source.glob("*/*.txt")).read_bytes())
    whys = {}
    for what in LIES:
        blob, why = lying(what, known)
        whys[lie(rogue, blob).hex()] = why
    code, memory = site.measured("check", "--read-data", role="verifier")
    assert (code, memory < LITTLE) == (1, True)
    report = site.report()
    touched = {one["snapshot"]: one["losses"] for one in report["touched"]}
    assert touched.keys() == whys.keys()
    for id_, why in whys.items():
        assert [loss["path"] for loss in touched[id_]] == ["file"]
        assert why in touched[id_][0]["why"]
        done = restored(site, id_)
        assert (done.returncode, "file" in done.stderr) == (3, True)
    site.run("scan", role="verifier")
    spared(site, honest, site.report())


def test_blobs_of_another_type(site: Site, rogue: Hand, honest: str) -> None:
    """A directory that is listed as a file's content, or the other way round, is taken for neither."""
    data: list[Blob] = []
    meta: list[Blob] = []
    root = rogue.tree({"file": b"content"}, data, meta)
    as_data = rogue.pack(replace(meta[0], type=blobs.DATA, id=root))
    as_tree = rogue.pack(replace(data[0], type=blobs.TREE, id=rogue.identify(b"content")), kind=layout.META_PACK)
    first = rogue.announce(root, [rogue.index([as_data, rogue.pack(*data)])]).hex()
    second = rogue.announce(root, [rogue.index([rogue.pack(*meta), as_tree])]).hex()
    report = site.report()
    assert {one["snapshot"] for one in report["touched"]} == {first, second}
    for id_ in (first, second):
        assert restored(site, id_).returncode in (1, 3)
    spared(site, honest, report)


def test_trees_that_lead_elsewhere(site: Site, rogue: Hand, honest: str) -> None:
    """Names that lead out of their folder, and a folder under the name of a link, put nothing outside of the target."""
    outside = site.base / "outside"
    outside.mkdir()
    content = Blob(b"evil")
    file = NODE | {"n": b"evil", "s": 4, "c": rogue.identify(b"evil")}
    inner = Blob(cipher.pack([file]), blobs.TREE)
    folder = NODE | {"t": "d", "c": rogue.identify(inner.content, blobs.TREE)}
    link = NODE | {"t": "l", "l": os.fsencode(outside)}
    climbing = [[file | {"n": name}] for name in (b"../outside/evil", b"../evil", os.fsencode(outside / "evil"))]
    ids = []
    for nodes in [*TREES, *climbing, [link, folder], [link, file | {"n": b"x/evil"}]]:
        tree = Blob(cipher.pack(nodes), blobs.TREE)
        index = rogue.index([rogue.pack(tree, inner), rogue.pack(content)])
        ids.append(rogue.announce(rogue.identify(tree.content, blobs.TREE), [index]).hex())
    report = site.report()
    assert {one["snapshot"] for one in report["touched"]} == set(ids)
    for id_ in ids:
        assert restored(site, id_).returncode in (1, 3)
        assert list(outside.iterdir()) == []
    assert not Path("/evil").exists()
    spared(site, honest, report)


def test_folders_swapped_during_a_restore(site: Site, honest: str, rounds: int) -> None:
    """While a person of the machine puts links in the place of folders, nothing is written where they lead."""
    outside = site.base / "outside"
    outside.mkdir()
    over = threading.Event()
    target = site.base / "target"

    def swap() -> None:
        while not over.is_set():
            for number in range(7):
                place, moved = target / str(number), target / f"moved {number}"
                try:
                    place.rename(moved)
                    place.symlink_to(outside)
                    place.unlink()
                    moved.rename(place)
                except OSError:
                    continue

    swapping = threading.Thread(target=swap)
    swapping.start()
    try:
        for _ in range(rounds):
            done = site.run(
                "restore", f"{honest}:{site.source}", "--target", str(target), "--overwrite", "always", role="reader"
            )
            assert done.returncode in (0, 1, 3), done.stderr
            assert "Traceback" not in done.stderr
            assert list(outside.iterdir()) == []
    finally:
        over.set()
        swapping.join()


def forged(site: Site, after: dict[str, object], times: list[int]) -> list[str]:
    """Snapshots of nothing in a machine's own row, with its own key, that claim to be from these times: their ids."""
    hand = Hand(site.opened("writer"), int(str(after["sequence"])), bytes.fromhex(str(after["snapshot"])))
    config, key = hand.repository.config, hand.repository.key
    ids = []
    for moment in times:
        facts = ("data", platform.node(), (os.fsencode(site.source),), (), moment, moment)
        taken = Taken(*facts, b"", 0, (), Counts(), Effort(), {})
        hand.sequence += 1
        raw = snapshots.write(config, key, hand.sequence, hand.previous, taken)
        hand.repository.store.create(layout.snapshot_name(key.key_id, hand.sequence), [raw])
        hand.previous = cipher.digest(raw)
        ids.append(hand.previous.hex())
    return ids


def test_snapshots_from_the_future(site: Site, chance: random.Random) -> None:
    """Who has a machine's own key and forges snapshots of coming years makes none of the good ones be forgotten."""
    states = {}
    for _ in range(3):
        last = site.save()
        states[last["snapshot"]] = picture(site.source)
        change(site.source, chance)
    now = time.time_ns()
    forged(site, last, [now + number * YEAR for number in range(1, 6)])
    site.ok("forget", "--keep-last", "3", "--keep-daily", "3", "--keep-yearly", "3", role="pruner")
    assert states.keys() <= {one["id"] for one in site.snapshots()}
    site.ok("prune", "--grace", "0h", "--force", role="pruner")
    for id_, state in states.items():
        assert site.restored(id_) == state
    assert site.restored(site.save()["snapshot"]) == picture(site.source)


def test_what_a_flood_expires_is_recalled(site: Site, chance: random.Random) -> None:
    """Good snapshots that a flood of the same machine's key pushes out of a policy come back, all of the grace long."""
    states = {}
    for _ in range(2):
        last = site.save()
        states[last["snapshot"]] = picture(site.source)
        change(site.source, chance)
    forged(site, last, [time.time_ns()] * 4)
    site.ok("forget", "--keep-last", "3", role="pruner")
    lost = states.keys() - {one["id"] for one in site.snapshots()}
    assert lost == states.keys()
    for _ in range(2):
        site.ok("prune", role="pruner")
    site.ok("recall", *lost, role="pruner")
    for id_, state in states.items():
        assert site.restored(id_) == state


def test_an_immense_name(site: Site, rogue: Hand, honest: str) -> None:
    """A snapshot of a gigabyte is told and not read; a source with the longest name that goes in hinders nothing."""
    rogue.announce(b"", [], source="long " * 3_000_000)
    immense = site.folder / layout.snapshot_name(rogue.repository.key.key_id, 2)
    with immense.open("wb") as file:
        file.truncate(1 << 30)
    commands = [["snapshots"], ["check"], ["ls", honest], ["forget", "--keep-last", "1", "--dry-run"]]
    found = [site.measured(*command, role="pruner" if command[0] == "forget" else "reader") for command in commands]
    assert [code for code, _memory in found] == [1, 1, 0, 1]
    assert max(memory for _code, memory in found) < LITTLE
    report = site.report()
    [problem] = report["problems"]
    assert immense.name in problem["object"]
    assert "larger than any" in problem["why"]
    spared(site, honest, report)


def test_objects_of_another_repository(site: Site, honest: str) -> None:
    """Objects of another repository among ours are told as foreign, and that one in the place of ours is refused."""
    other = Site(site.base / "other")
    (other.source / "x").write_text("other")
    other.save()
    other.ok("scan", role="verifier")
    for path in other.objects(""):
        place = site.folder / path.relative_to(other.folder)
        if not place.exists():
            place.parent.mkdir(exist_ok=True)
            shutil.copy(path, place)
    report = site.report()
    assert sum("belongs to another repository" in one["why"] for one in report["problems"]) > 5
    spared(site, honest, report)
    site.folder.rename(site.base / "ours")
    other.folder.rename(site.folder)
    for command, role in (("snapshots", "reader"), ("check", "verifier"), ("prune", "pruner")):
        refused = site.run(command, role=role)
        assert (refused.returncode, "another repository" in refused.stderr) == (1, True)
    assert site.run("save", "--source", "data", str(site.source)).returncode == 1
