"""A machine whose clock is wrong: neither its own snapshots nor those of others are lost by it."""

from __future__ import annotations

import random
import shutil
import subprocess

import pytest

from tests.backup.conftest import picture
from tests.faults.backup.site import Site, change

pytestmark = pytest.mark.slow


def at(site: Site, moment: str, *arguments: str, role: str = "writer") -> subprocess.CompletedProcess[str]:
    """Run a command on a machine that believes it is another time. The store keeps its own."""
    command, environment = site.command(*arguments, role=role)
    faked = environment | {"NO_FAKE_STAT": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
    return subprocess.run(
        [str(shutil.which("faketime")), "-f", moment, *command], env=faked, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("moment", ["-2y", "+2y"])
def test_wrong_clocks(site: Site, chance: random.Random, moment: str) -> None:
    """Snapshots that claim another time than the store's are neither forgotten nor make others be forgotten."""
    good = [site.save()["snapshot"]]
    for _ in range(4):
        change(site.source, chance)
        done = at(site, moment, "save", "--source", "data", str(site.source))
        assert done.returncode == 0, done.stderr
    state = picture(site.source)
    doubtful = [snapshot["id"] for snapshot in site.snapshots() if snapshot["id"] not in good]
    good.append(site.save()["snapshot"])
    told = site.ok("forget", "--keep-daily", "1", "--keep-yearly", "3", role="pruner")
    kept = [snapshot["id"] for snapshot in site.snapshots()]
    assert set(doubtful) <= set(kept)
    assert good[-1] in kept
    assert told
    assert site.restored(doubtful[-1]) == state


def test_a_pruner_with_a_wrong_clock(site: Site, chance: random.Random) -> None:
    """A pruner that believes it is two years later deletes nothing within the grace: the store's clock counts."""
    states = {}
    for _ in range(3):
        states[site.save()["snapshot"]] = picture(site.source)
        change(site.source, chance)
    site.ok("forget", "--keep-last", "1", role="pruner")
    for _ in range(2):
        done = at(site, "+2y", "prune", role="pruner")
        assert done.returncode == 0, done.stderr
    site.ok("recall", *[id_ for id_ in states if id_ not in {one["id"] for one in site.snapshots()}], role="pruner")
    for id_, state in states.items():
        assert site.restored(id_) == state
