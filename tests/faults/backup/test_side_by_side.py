"""Saves, pruning and scans at the same time, and a save that sleeps through the grace of a pruner."""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.backup.conftest import picture
from tests.faults.backup.site import Site, change, fill

pytestmark = pytest.mark.slow


def test_two_machines_a_pruner_and_a_scan(site: Site, chance: random.Random, rounds: int) -> None:
    """Whatever runs beside whatever, every snapshot that is kept comes back bit by bit."""
    site.derive("other")
    second = site.base / "second"
    second.mkdir()
    fill(second, chance, files=20, large=2)
    states: dict[str, tuple[Path, object]] = {}
    for round_ in range(rounds):
        running = [
            site.start("save", "--source", "data", str(site.source)),
            site.start("save", "--source", "second", str(second), role="other", state="other-state"),
            site.start("prune", "--grace", "0h", "--force", role="pruner", state="pruner-state"),
            site.start("scan", role="verifier", state="verifier-state"),
        ]
        codes = [process.wait(300) for process in running]
        assert codes == [0, 0, 0, 0], f"round {round_}: {codes}"
        for snapshot in site.snapshots():
            folder = site.source if snapshot["source"] == "data" else second
            states.setdefault(snapshot["id"], (folder, picture(folder)))
        site.ok("forget", "--keep-last", "3", role="pruner")
        change(site.source, chance)
        change(second, chance)
    site.check()
    kept = [snapshot["id"] for snapshot in site.snapshots()]
    assert len(kept) == min(3, rounds) * 2
    for id_ in kept:
        folder, state = states[id_]
        target = site.base / "out"
        site.ok("restore", f"{id_}:{folder}", "--target", str(target), role="reader")
        assert picture(target) == state
        shutil.rmtree(target)


def under_way(site: Site) -> subprocess.Popen[bytes]:
    """A save that holds its lock."""
    command, environment = site.command("save", "--source", "data", str(site.source), "--json")
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert b"progress" in process.stdout.readline()
    return process


def test_one_machine_twice(site: Site) -> None:
    """A second save with the same memory is refused in words while one is under way; with its own it ends well."""
    first = under_way(site)
    first.send_signal(signal.SIGSTOP)
    try:
        refused = site.run("save", "--source", "data", str(site.source))
        twin = site.run("save", "--source", "data", str(site.source), state="twin")
    finally:
        first.send_signal(signal.SIGCONT)
    first.communicate(timeout=300)
    assert first.returncode == 0
    assert refused.returncode == 1
    assert twin.returncode == 0, twin.stderr
    assert len(site.snapshots()) == 2
    assert site.restored() == picture(site.source)
    site.check()


def test_a_save_that_sleeps_through_the_grace(site: Site, chance: random.Random) -> None:
    """A machine suspended in mid-save while a pruner forgets, condemns and deletes wakes up and saves it all."""
    site.save()
    site.save()
    change(site.source, chance)
    for wait in (0.15, 0.3, 0.5):
        process = site.start("save", "--source", "data", str(site.source))
        time.sleep(wait)
        process.send_signal(signal.SIGSTOP)
        try:
            site.ok("forget", "--keep-last", "1", "--allow-empty", role="pruner")
            for _ in range(2):
                site.ok("prune", "--grace", "0h", "--force", role="pruner")
        finally:
            process.send_signal(signal.SIGCONT)
        assert process.wait(300) == 0
        assert site.restored() == picture(site.source)
        change(site.source, chance)
    site.check()


def test_an_old_lock_hinders_nobody(site: Site) -> None:
    """What a killed command leaves behind never has to be unlocked by hand."""
    process = under_way(site)
    process.kill()
    process.communicate()
    assert site.restored(site.save()["snapshot"]) == picture(site.source)
