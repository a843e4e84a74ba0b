"""A save killed at any moment leaves the repository readable, and the next one goes on where it was."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from backup.engine.checking.check import check
from backup.engine.checking.sample import EVERYTHING
from backup.engine.format import keyfile
from backup.engine.reading.catalogue import Catalogue
from backup.engine.restoring.restore import restore
from tests.backup.conftest import Vault, picture

ROOT = Path(__file__).parents[3]
KILLS = 8
ROUNDS = 60
"""At most so many saves, some of which end before they are killed."""


def start(vault: Vault) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, str(ROOT / "tests/backup/saving/one_save.py"), str(vault.base)]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def change(folder: Path, chance: random.Random, round_: int) -> None:
    """Eight megabytes that were never saved, and a few old files changed or gone."""
    (folder / f"large {round_ % 3}").write_bytes(chance.randbytes(6 << 20))
    for number in range(40):
        (folder / f"small {round_}-{number}").write_bytes(chance.randbytes(50_000))
    for path in chance.sample(sorted(folder.iterdir()), 5):
        path.unlink()


def test_kill_at_any_moment(vault: Vault) -> None:
    """After each kill the repository is sound, every finished snapshot restores, and the next save needs no help."""
    chance = random.Random(11)
    (vault.base / "writer.key").write_text(keyfile.dump(vault.writer))
    change(vault.source, chance, 0)
    with start(vault) as process:
        began = time.monotonic()
        assert process.wait() == 0
    whole = time.monotonic() - began
    finished = [(vault.as_reader().snapshots()[-1].id, picture(vault.source))]
    killed = round_ = 0
    while killed < KILLS:
        round_ += 1
        assert round_ < ROUNDS, "the kills don't fall into the work"
        change(vault.source, chance, round_)
        with start(vault) as process:
            began = time.monotonic()
            try:
                process.wait(chance.uniform(0, whole))
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
            if process.wait() == -signal.SIGKILL:
                killed += 1
            else:
                whole = min(whole, time.monotonic() - began)  # the first one may have met a busy machine
        newest = vault.as_reader().snapshots()[-1].id
        if newest != finished[-1][0]:
            finished.append((newest, picture(vault.source)))
        report = check(vault.as_reader(), EVERYTHING, clock=vault.clock)
        assert (report.problems, report.snapshots) == ((), len(finished))
    with start(vault) as process:
        assert process.wait() == 0
    finished.append((vault.as_reader().snapshots()[-1].id, picture(vault.source)))
    unused = check(vault.as_reader(), EVERYTHING, clock=vault.clock).unused
    assert unused <= killed, "a kill loses one pack at most: written, and not yet remembered"
    for id_, was in chance.sample(finished, 2) + finished[-1:]:
        target = vault.base / f"out-{chance.random()}"
        result = restore(Catalogue(vault.as_reader(), vault.as_reader().snapshot(id_)), target)
        assert (result.problems, picture(target)) == ((), was)


def test_half_written_objects_are_no_objects(vault: Vault) -> None:
    """What a killed writer left in the temporary folder counts for nothing and goes away after a day."""
    (vault.source / "x").write_text("x")
    vault.save()
    left = vault.store.folder / "tmp" / "left"
    left.write_bytes(b"half a pack")
    assert check(vault.as_reader(), EVERYTHING, clock=vault.clock).problems == ()
    vault.store.tidy()
    assert left.exists()
    os.utime(left, (1, 1))
    vault.store.tidy()
    assert not left.exists()
