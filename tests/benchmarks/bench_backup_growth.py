"""What a save costs as the tree grows from 10^5 to 10^6 files: seconds for each thousand of them, and memory.

    python -m tests.benchmarks.bench_backup_growth [--files 100000 300000 1000000] [--folder /tmp]

`make bench` takes the first two sizes only; a million takes some minutes and two gigabytes of disk.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from tests.benchmarks import backup_trees as trees
from tests.benchmarks.backup_tools import Cost, Suite

MOST_MEMORY = 1024
"""MB that a save may hold, whatever there is to save."""


def one(files: int, folder: Path) -> dict[str, Cost]:
    with tempfile.TemporaryDirectory(dir=folder) as name:
        base = Path(name)
        source = base / "source"
        source.mkdir()
        trees.apart(partial(trees.tiny, files=files), source, random.Random(files))
        time.sleep(2.5)
        (base / "suite").mkdir()
        suite = Suite(base / "suite")
        suite.init()
        return {"first": suite.save(source), "unchanged": suite.save(source)}


def measure(sizes: Sequence[int], folder: Path) -> None:
    print(f"\n{'files':>10}{'first':>26}{'unchanged':>30}")
    for files in sizes:
        costs = one(files, folder)
        line = f"{files:10}"
        for cost in costs.values():
            line += f"{cost.seconds:9.2f} s {1e6 * cost.seconds / files:7.1f} ms/1000 {cost.memory:5.0f} MB"
            assert cost.memory < MOST_MEMORY, "a save holds too much"
        print(line)


def test_growth() -> None:
    """`make bench`: the time for each file stays the same, and memory within bounds."""
    measure((100_000, 300_000), Path(tempfile.gettempdir()))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, nargs="+", default=[100_000, 300_000, 1_000_000])
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()))
    options = parser.parse_args()
    measure(options.files, options.folder)
