"""How fast `suite-backup` saves and restores, against restic and borg on the same tree in the same run.

    make bench, or: python -m tests.benchmarks.bench_backup [--rounds 5] [--tree mixed] [--folder /tmp]

Steps: first save, unchanged tree, one in a hundred changed, full restore, each compared with the source; medians of the
rounds, in another order of the tools each round. Before each save `sync`, and the source is read once: borg asks the
system to forget what it has read, and whoever came after it would read from the disk. What isn't installed is left out,
with a word.
Nothing is deleted before the last round is over, which takes 10 GB a round: ext4 without a journal passes over what was
deleted in the last minutes, and whoever makes files after somebody else's were deleted would pay for that.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.benchmarks import backup_trees as trees
from tests.benchmarks.backup_tools import Borg, Cost, Restic, Suite, Tool, borg, version

STEPS = ("first", "unchanged", "changed", "restore")
TREES: dict[str, Callable[[Path, random.Random], None]] = {"mixed": trees.mixed, "tiny": trees.tiny}
_SETTLED = 2.5
"""Seconds: a file younger than two counts as changing, and what is measured is an old tree."""
Costs = dict[tuple[str, str], list[Cost]]


def tools(base: Path, borg_program: str) -> list[Tool]:
    found: list[Tool] = [Suite(base / "suite")]
    if shutil.which("restic"):
        found.append(Restic(base / "restic"))
    if borg_program:
        found.append(Borg(base / "borg", borg_program))
    for tool in found:
        (base / tool.name).mkdir()
    return found


def measure(tree: str, rounds: int, folder: Path) -> None:
    borg_program = borg(folder / "borg-1.4")
    for program, argument in (("restic", "version"), (borg_program, "--version")):
        print(version(program, argument) if program and shutil.which(program) else f"{program or 'borg'} is left out")
    costs: Costs = {}
    sizes: dict[tuple[str, str], int] = {}
    with tempfile.TemporaryDirectory(dir=folder) as base:
        for round_ in range(rounds):
            place = Path(base) / str(round_)
            place.mkdir()
            one_round(tree, place, borg_program, random.Random(round_), costs, sizes)
    report(tree, costs, sizes)


def one_round(
    tree: str,
    base: Path,
    borg_program: str,
    chance: random.Random,
    costs: Costs,
    sizes: dict[tuple[str, str], int],
) -> None:
    source = base / "source"
    source.mkdir()
    trees.apart(TREES[tree], source, chance)
    found = tools(base, borg_program)
    chance.shuffle(found)
    for tool in found:
        tool.init()
    for step in STEPS:
        if step == "changed":
            trees.apart(trees.change, source, chance)
        if step in ("first", "changed"):
            time.sleep(_SETTLED)
        for tool in found:
            target = base / tool.name / "restored"
            if step != "restore":
                trees.warm(source)
            cost = tool.restore(source, target) if step == "restore" else tool.save(source)
            costs.setdefault((tool.name, step), []).append(cost)
            if step in ("first", "changed"):
                sizes[tool.name, step] = trees.size(tool.repository)
            if step == "restore":
                assert same(source, target / str(source).lstrip("/")), f"what {tool.name} restored differs"


def same(first: Path, second: Path) -> bool:
    return subprocess.run(["diff", "-rq", "--no-dereference", str(first), str(second)], check=False).returncode == 0


def report(tree: str, costs: Costs, sizes: dict[tuple[str, str], int]) -> None:
    names = list(dict.fromkeys(name for name, _step in costs))
    names.sort(key=lambda name: name != "suite")
    print(f"\n{tree}: medians of {len(costs['suite', 'first'])} rounds")
    print(f"{'':10}" + "".join(f"{name:>34}" for name in names))
    for step in STEPS:
        mine = statistics.median(cost.seconds for cost in costs["suite", step])
        line = f"{step:10}"
        for name in names:
            of = costs[name, step]
            seconds = statistics.median(cost.seconds for cost in of)
            processor = statistics.median(cost.processor for cost in of)
            memory = statistics.median(cost.memory for cost in of)
            ratio = f"({mine / seconds:.2f})" if name != "suite" else ""
            line += f"{seconds:9.2f} s {ratio:6} cpu {processor:6.2f} {memory:5.0f} MB"
        print(line)
    for step in ("first", "changed"):
        shown = [f"{name} {sizes[name, step] / 1e6:.1f}" for name in names if (name, step) in sizes]
        if shown:
            print(f"repository, {step}: {', '.join(shown)} MB")


def test_backup() -> None:
    """`make bench`: two rounds of each tree; BENCH_ROUNDS makes it more."""
    for tree in TREES:
        measure(tree, int(os.environ.get("BENCH_ROUNDS", "2")), Path(tempfile.gettempdir()))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--tree", choices=list(TREES), default="mixed")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()))
    options = parser.parse_args()
    measure(options.tree, options.rounds, options.folder)
