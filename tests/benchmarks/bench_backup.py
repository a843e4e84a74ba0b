"""How fast the backup engine saves and restores, against cp and restic on the same tree in the same run.

    make bench, or: python -m tests.benchmarks.bench_backup [--rounds 3] [--folder /tmp]

Steps: first save, unchanged tree, one in a hundred changed, full restore. `sync` before each; medians of the rounds.
restic is left out, with a word, where it isn't installed (apt install restic).
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from backup.engine.format import keyfile, keys
from backup.engine.format.keys import Role
from backup.engine.reading.catalogue import Catalogue
from backup.engine.reading.restore import restore
from backup.engine.repository import Repository
from backup.engine.saving.save import save
from backup.engine.saving.state import State
from backup.engine.sources.folder import FolderSource
from backup.engine.stores.local import LocalStore

STEPS = ("first", "unchanged", "changed", "restore")


def make_tree(folder: Path, chance: random.Random) -> int:
    """20,000 text files of 1 to 64 KB, two incompressible and two compressible files of 215 MiB: about 1.5 GB."""
    words = [chance.randbytes(4).hex() for _ in range(5000)]
    text = " ".join(chance.choices(words, k=200_000)).encode()
    for number in range(20_000):
        path = folder / f"{number % 100:02}" / f"{number}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        start = chance.randrange(len(text) - 65_536)
        path.write_bytes(b"%d\n" % number + text[start : start + chance.randrange(1024, 65_536)])
    for number in range(2):
        with (folder / f"random-{number}").open("wb") as file:
            for _ in range(215):
                file.write(chance.randbytes(1 << 20))
        with (folder / f"text-{number}").open("wb") as file:
            for block in range(215):
                file.write(b"%d" % block + " ".join(chance.choices(words, k=120_000)).encode()[: 1 << 20])
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def change_tree(folder: Path, chance: random.Random) -> None:
    """Two hundred small files edited, eight places of a megabyte overwritten, 100 bytes inserted in two large files."""
    for path in chance.sample(sorted(folder.glob("*/*.txt")), 200):
        path.write_bytes(path.read_bytes() + b"edited")
    for path in sorted(folder.glob("*-*")):
        content = bytearray(path.read_bytes())
        for _ in range(2):
            start = chance.randrange(len(content) - (1 << 20))
            content[start : start + (1 << 20)] = chance.randbytes(1 << 20)
        if path.name.endswith("0"):
            content[len(content) * 3 // 10 : len(content) * 3 // 10] = b"x" * 100
        path.write_bytes(content)


def timed(work: Callable[[], object]) -> float:
    os.sync()
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def ours(source: Path, base: Path, step: str) -> Callable[[], object]:
    """One step of the engine, in a process of its own, as a person would run it."""
    return lambda: subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.bench_backup", "--step", step, str(source), str(base)], check=True
    )


def run_step(step: str, source: Path, base: Path) -> None:
    store = LocalStore(base / "repository")
    seed, repository_id = bytes(32), bytes(16)
    master = keys.master(seed, repository_id)
    if step == "restore":
        opened = Repository.open(store, master)
        result = restore(Catalogue(opened, opened.snapshots()[-1]), base / "restored", workers=os.cpu_count() or 2)
        assert result.problems == ()
        return
    if step == "first":
        store.prepare()
        writer = keys.derive(master, Role.WRITER, label="benchmark", created=1)
        assert writer.badge is not None
        Repository.create(store, master, now=1).admit(writer.badge)
        (base / "writer.key").write_text(keyfile.dump(writer))
    writer = keyfile.load((base / "writer.key").read_text())
    with State(base / "state") as state:
        folder = FolderSource(source, now=time.time_ns())
        save(Repository.open(store, writer), state, folder, clock=time.time_ns, workers=os.cpu_count() or 2)


def restic(source: Path, base: Path, step: str) -> Callable[[], object]:
    environment = {**os.environ, "RESTIC_PASSWORD": "benchmark", "RESTIC_REPOSITORY": str(base / "repository")}
    environment["RESTIC_CACHE_DIR"] = str(base / "cache")

    def run(*arguments: str) -> None:
        subprocess.run(["restic", "-q", *arguments], env=environment, check=True)

    if step == "restore":
        return lambda: run("restore", "latest", "--target", str(base / "restored"))
    if step == "first":
        run("init")
    return lambda: run("backup", str(source))


def copy(source: Path, base: Path, step: str) -> Callable[[], object]:
    def run() -> None:
        shutil.rmtree(base / "copy", ignore_errors=True)
        subprocess.run(["cp", "-a", str(source), str(base / "copy")], check=True)
        os.sync()

    return run


def size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def same(first: Path, second: Path) -> bool:
    return subprocess.run(["diff", "-rq", "--no-dereference", str(first), str(second)], check=False).returncode == 0


def measure(rounds: int, folder: Path) -> None:
    tools = {"suite": ours, "cp -a": copy}
    if shutil.which("restic"):
        tools["restic"] = restic
        print(subprocess.run(["restic", "version"], capture_output=True, text=True, check=True).stdout.strip())
    else:
        print("restic isn't installed: it is left out (apt install restic)")
    times: dict[tuple[str, str], list[float]] = {}
    sizes: dict[str, int] = {}
    total = 0
    for round_ in range(rounds):
        with tempfile.TemporaryDirectory(dir=folder) as name:
            base, chance = Path(name), random.Random(round_)
            source = base / "source"
            total = make_tree(source, chance)
            time.sleep(2.5)  # a file younger than two seconds counts as changing: what is measured is an old tree
            names = sorted(tools, key=lambda _name: chance.random())
            for tool in names:
                (base / tool).mkdir()
            for step in STEPS:
                if step == "changed":
                    change_tree(source, chance)
                    time.sleep(2.5)
                for tool in names:
                    if tool == "cp -a" and step in ("unchanged", "changed"):
                        continue
                    seconds = timed(tools[tool](source, base / tool, step))
                    times.setdefault((tool, step), []).append(seconds)
                    if step == "first" and tool != "cp -a":
                        sizes[tool] = size(base / tool / "repository")
            assert same(source, base / "suite" / "restored"), "what was restored differs"
    report(times, sizes, total)


def report(times: dict[tuple[str, str], list[float]], sizes: dict[str, int], total: int) -> None:
    median = {key: statistics.median(values) for key, values in times.items()}
    print(f"tree: {total / 1e9:.2f} GB; medians in seconds")
    for step in STEPS:
        mine = median["suite", step]
        line = [f"{step:10} suite {mine:6.2f}"]
        if step in ("first", "restore"):
            line.append(f"({total / mine / 1e6:.0f} MB/s)")
        others = [tool for tool in ("restic", "cp -a") if (tool, step) in median]
        line += [f"{tool} {median[tool, step]:6.2f} (ratio {mine / median[tool, step]:.2f})" for tool in others]
        print("  ".join(line))
    for tool, count in sizes.items():
        print(f"repository of {tool}: {count / 1e6:.0f} MB")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"largest process: {peak:.0f} MB")


def test_backup() -> None:
    """`make bench`: two rounds; BENCH_ROUNDS makes it more."""
    measure(int(os.environ.get("BENCH_ROUNDS", "2")), Path(tempfile.gettempdir()))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()))
    parser.add_argument("--step", nargs=3, metavar=("STEP", "SOURCE", "BASE"))
    options = parser.parse_args()
    if options.step:
        run_step(options.step[0], Path(options.step[1]), Path(options.step[2]))
    else:
        measure(options.rounds, options.folder)
