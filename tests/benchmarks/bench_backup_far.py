"""How fast `suite-backup` and restic save to and restore from an object store that is 50 ms away.

make bench, or: python -m tests.benchmarks.bench_backup_far [--rounds 5] [--latency 0.05] [--folder /tmp]
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import tempfile
import time
from pathlib import Path

from tests.benchmarks import backup_trees as trees
from tests.benchmarks.backup_tools import Restic, Suite, Tool
from tests.benchmarks.bench_backup import Costs, report, same
from tests.benchmarks.far_store import BUCKET, far_store

STEPS = ("first", "unchanged", "changed", "restore")
KEYS = {"AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "s", "AWS_DEFAULT_REGION": "us-east-1"}


def measure(rounds: int, latency: float, folder: Path) -> None:
    costs: Costs = {}
    for round_ in range(rounds):
        chance = random.Random(round_)
        with tempfile.TemporaryDirectory(dir=folder) as name, far_store(latency) as address:
            base = Path(name)
            source = base / "source"
            source.mkdir()
            trees.apart(trees.modest, source, chance)
            time.sleep(2.5)
            for tool in (suite(base, address), restic(base, address)):
                one_tool(tool, source, base, costs, random.Random(round_))
    report(f"S3, {latency * 1000:.0f} ms away", costs, {})


def one_tool(tool: Tool, source: Path, base: Path, costs: Costs, chance: random.Random) -> None:
    mine = base / f"{tool.name}-source"
    shutil.copytree(source, mine)
    time.sleep(2.5)
    tool.init()
    for step in STEPS:
        if step == "changed":
            trees.apart(trees.change, mine, chance)
            time.sleep(2.5)
        target = base / tool.name / "restored"
        cost = tool.restore(mine, target) if step == "restore" else tool.save(mine)
        costs.setdefault((tool.name, step), []).append(cost)
        if step == "restore":
            assert same(mine, target / str(mine).lstrip("/")), f"what {tool.name} restored differs"


def suite(base: Path, address: str) -> Tool:
    (base / "suite").mkdir()
    return Suite(base / "suite", f"s3://{BUCKET}/suite?endpoint={address}&region=us-east-1&style=path", **KEYS)


def restic(base: Path, address: str) -> Tool:
    (base / "restic").mkdir()
    return Restic(base / "restic", f"s3:{address}/{BUCKET}/restic", **KEYS)


def test_far_store() -> None:
    """`make bench`: one round; BENCH_ROUNDS makes it more."""
    measure(int(os.environ.get("BENCH_ROUNDS", "1")), 0.05, Path(tempfile.gettempdir()))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--latency", type=float, default=0.05)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()))
    options = parser.parse_args()
    measure(options.rounds, options.latency, options.folder)
