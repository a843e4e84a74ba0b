"""A closed box for a program: no network, no namespaces of its own, the system and its code read-only, bounded.

Bubblewrap gives the namespaces, prlimit the bounds, setpriv a user of the box's own. Started by root, bubblewrap would
still be root towards the files bound into the box, so setpriv drops root first. The folders to bind may lie below
folders closed to that user, so root binds them under a private mount namespace first (`stage`). A normal user needs
neither: the box then runs under his own id, and sees none of his files.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import site
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

TOOLS = ("bwrap", "prlimit", "setpriv", "unshare")
STAGE = 'while [ "$1" != -- ]; do mount --bind -o ro "$1" "$2"; shift 2; done; shift; exec "$@"'


class Missing(Exception):
    """A program that the box needs is not installed."""


@dataclass(frozen=True)
class Bounds:
    """What each process of the box may use at most, and how many there may be."""

    memory_bytes: int
    cpu_seconds: int
    file_bytes: int
    processes: int
    open_files: int = 1024


@dataclass(frozen=True)
class Python:
    """The interpreter that runs the suite and the libraries beside it, as the box has them."""

    interpreter: str
    """Its path inside the box."""
    folders: Mapping[str, Path]
    """Name under /opt in the box -> folder of this machine."""
    library_path: str = ""

    @classmethod
    def of_this_process(cls) -> Python:
        name = f"python{sys.version_info.major}.{sys.version_info.minor}"
        packages = {"packages": Path(site.getsitepackages()[0])}
        base = Path(sys.base_prefix)
        if base == Path("/usr"):
            return cls(f"/usr/bin/{name}", packages)
        return cls(f"/opt/python/bin/{name}", packages | {"python": base}, "/opt/python/lib")


def command(
    program: Sequence[str],
    *,
    name: str,
    folders: Mapping[str, Path],
    options: Sequence[str],
    bounds: Bounds,
    stage: Path,
    uid: int | None,
) -> list[str]:
    """The command line that runs `program` in a box that has `folders` under /opt, and what `options` of bwrap add.

    `uid` is the user to become when root starts the box, else None; `stage` is an empty folder, in which only root's
    way makes others. Raises Missing.
    """
    if missing := [tool for tool in TOOLS if shutil.which(tool) is None]:
        raise Missing(", ".join(missing))
    sources = {label: stage / label if uid is not None else folder for label, folder in folders.items()}
    limits = [
        "prlimit",
        f"--as={bounds.memory_bytes}",
        f"--cpu={bounds.cpu_seconds}",
        f"--fsize={bounds.file_bytes}",
        f"--nofile={bounds.open_files}",
        "--core=0",
    ]
    box = [
        *("bwrap", "--unshare-all", "--unshare-user", "--disable-userns", "--die-with-parent", "--new-session"),
        *("--hostname", name),
        *("--ro-bind", "/usr", "/usr"),
        *(word for folder in ("bin", "lib", "lib64") for word in ("--symlink", f"usr/{folder}", f"/{folder}")),
        *("--proc", "/proc", "--dev", "/dev"),
        *(word for label, source in sources.items() for word in ("--ro-bind", str(source), f"/opt/{label}")),
        *options,
    ]
    if uid is None:  # the number of processes is bounded inside, where only those of the box count
        return [*limits, *box, "prlimit", f"--nproc={bounds.processes}", *program]
    for label in folders:
        (stage / label).mkdir()
    bindings = [word for label, folder in folders.items() for word in (str(folder), str(stage / label))]
    become = ["setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups", "--no-new-privs"]
    alone = ["unshare", "--mount", "--propagation", "private", "sh", "-euc", STAGE, "sh", *bindings, "--"]
    return [*alone, *limits, f"--nproc={bounds.processes}", *become, *box, *program]


def weight(pid: int) -> int:
    """Bytes of memory that a process and all below it hold, shared ones counted once, and what their memfds hold."""
    whole, memfds = 0, {}
    for process in family(pid):
        with contextlib.suppress(OSError):  # it may have ended
            for line in (process / "smaps_rollup").read_text().splitlines():
                if line.startswith("Pss_Anon:"):
                    whole += int(line.split()[1]) << 10
            for link in (process / "fd").iterdir():
                with contextlib.suppress(OSError):
                    if str(link.readlink()).startswith("/memfd:"):
                        found = link.stat()
                        memfds[found.st_ino] = found.st_blocks * 512
    return whole + sum(memfds.values())


def family(pid: int) -> Iterator[Path]:
    """The folders in /proc of a process and of all below it."""
    below: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                parent = int((entry / "stat").read_text(errors="replace").rpartition(")")[2].split()[1])
                below.setdefault(parent, []).append(int(entry.name))
    waiting = [pid]
    while waiting:
        process = waiting.pop()
        waiting += below.get(process, [])
        yield Path("/proc", str(process))


def started_by_root() -> bool:
    return os.geteuid() == 0
