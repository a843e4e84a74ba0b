"""Trees to save: many small files with a few large ones, very many tiny ones, and a hundredth of them changed."""

from __future__ import annotations

import multiprocessing
import random
import subprocess
from collections.abc import Callable
from pathlib import Path

_WORDS = 5000


def apart(make: Callable[..., None], folder: Path, chance: random.Random) -> None:
    """Make or change a tree in another process: a tool's memory is counted from that of the process that starts it."""
    process = multiprocessing.get_context("fork").Process(target=make, args=(folder, random.Random(chance.random())))
    process.start()
    process.join()
    if process.exitcode:
        raise RuntimeError(f"the tree couldn't be made: exit code {process.exitcode}")


def mixed(folder: Path, chance: random.Random, files: int = 20_000, large: int = 215) -> None:
    """20,000 text files of 1 to 64 KB, two incompressible and two compressible files of 215 MiB: about 1.5 GB."""
    words, text = _text(chance)
    for number in range(files):
        path = folder / f"{number % 100:02}" / f"{number}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        start = chance.randrange(len(text) - 65_536)
        path.write_bytes(b"%d\n" % number + text[start : start + chance.randrange(1024, 65_536)])
    for number in range(2):
        with (folder / f"random-{number}").open("wb") as file:
            for _ in range(large):
                file.write(chance.randbytes(1 << 20))
        with (folder / f"text-{number}").open("wb") as file:
            for block in range(large):
                file.write(b"%d" % block + " ".join(chance.choices(words, k=120_000)).encode()[: 1 << 20])


def modest(folder: Path, chance: random.Random) -> None:
    """A tenth of the same: about 150 MB."""
    mixed(folder, chance, files=2_000, large=22)


def tiny(folder: Path, chance: random.Random, files: int = 100_000) -> None:
    """Files of 0.2 to 3 KB, 250 in a folder: what costs a tool most for each byte."""
    _words, text = _text(chance)
    for number in range(files):
        path = folder / f"{number % (files // 250):04}" / f"{number}.txt"
        if number < files // 250:
            path.parent.mkdir(parents=True, exist_ok=True)
        start = chance.randrange(len(text) - 4096)
        path.write_bytes(b"%d\n" % number + text[start : start + chance.randrange(200, 3000)])


def change(folder: Path, chance: random.Random) -> None:
    """One small file in a hundred edited, eight megabytes overwritten, 100 bytes inserted in two large files."""
    small = sorted(folder.glob("*/*.txt"))
    for path in chance.sample(small, len(small) // 100):
        path.write_bytes(path.read_bytes() + b"edited")
    for path in sorted(folder.glob("*-*")):
        content = bytearray(path.read_bytes())
        for _ in range(2):
            start = chance.randrange(len(content) - (1 << 20))
            content[start : start + (1 << 20)] = chance.randbytes(1 << 20)
        if path.name.endswith("0"):
            content[len(content) * 3 // 10 : len(content) * 3 // 10] = b"x" * 100
        path.write_bytes(content)


def warm(folder: Path) -> None:
    """Have the system hold every file in memory."""
    find = ["find", str(folder), "-type", "f", "-exec", "cat", "{}", "+"]
    subprocess.run(find, stdout=subprocess.DEVNULL, check=True)


def size(folder: Path) -> int:
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file())


def _text(chance: random.Random) -> tuple[list[str], bytes]:
    words = [chance.randbytes(4).hex() for _ in range(_WORDS)]
    return words, " ".join(chance.choices(words, k=200_000)).encode()
