"""The box that people's code runs in: no network, no other project's files, no secret, bounded memory and time.

The box itself is the core's (core.files.engine.box). The data come in as open files that bubblewrap copies into its
memory, and what the code writes goes into memory too, up to a bound: nothing of theirs is written to a disk, and
nothing is left when the box ends.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.files.engine import box
from core.files.engine.box import Missing, family, started_by_root, weight

__all__ = ["HOME", "Environment", "Limits", "Missing", "command", "family", "started_by_root", "weight"]

HOME = "/home/notebook"


@dataclass(frozen=True)
class Limits:
    """What one run may use at most."""

    memory_bytes: int = 4 << 30
    cpu_seconds: int = 120
    file_bytes: int = 200 << 20
    scratch_bytes: int = 1 << 30
    """In its home, and as much again in each of the places for temporary files."""
    processes: int = 256


@dataclass(frozen=True)
class Environment:
    """An interpreter and its libraries: folders of this machine, bound read-only into the box."""

    interpreter: str
    """Its path inside the box."""
    folders: Mapping[str, Path]
    """Name under /opt in the box -> folder of this machine."""
    fonts: Path
    """matplotlib's list of fonts, made once, copied into each box: computing it takes seconds."""
    library_path: str = ""

    @classmethod
    def of_this_python(cls, cache: Path) -> Environment:
        """The Python that runs the suite, with the libraries installed beside it; `cache` is a folder to use."""
        python = box.Python.of_this_process()
        fonts = next(cache.glob("fontlist-*.json"), None) or list_fonts(cache)
        return cls(python.interpreter, python.folders, fonts, python.library_path)


def list_fonts(cache: Path) -> Path:
    """Let matplotlib make its list of fonts, and put it whole into `cache`, whoever else does so at the same time."""
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as folder:
        listing = [sys.executable, "-c", "import matplotlib.font_manager"]
        subprocess.run(listing, env={"MPLCONFIGDIR": folder}, check=True, capture_output=True)
        made = next(Path(folder).glob("fontlist-*.json"))
        return made.replace(cache / made.name)


def command(
    program: Sequence[str],
    *,
    environment: Environment,
    sockets: Path,
    home: Mapping[str, int],
    data: Mapping[str, int],
    limits: Limits,
    stage: Path,
    uid: int | None,
) -> list[str]:
    """The command line that runs `program` in a box: `environment` under /opt, the folder `sockets` as /run/kernel.

    `data` maps a file name to the descriptor of an open file, found in the box as /data/<name>, and `home` likewise to
    a copy in its home; the descriptors must be inherited. `uid` is the user to become when root starts the box, else
    None; `stage` is an empty folder that only root's way needs. Raises Missing.
    """
    scratch = ("--size", str(limits.scratch_bytes), "--tmpfs")
    options = [
        *(*scratch, "/dev/shm", *scratch, "/tmp", *scratch, HOME, "--dir", "/data"),  # noqa: S108
        *(word for name, fd in data.items() for word in ("--ro-bind-data", str(fd), f"/data/{name}")),
        *(word for name, fd in home.items() for word in ("--perms", "0600", "--file", str(fd), f"{HOME}/{name}")),
        *("--bind", str(sockets), "/run/kernel", "--remount-ro", "/dev", "--remount-ro", "/", "--chdir", HOME),
        *(word for name, value in variables(environment).items() for word in ("--setenv", name, value)),
    ]
    bounds = box.Bounds(limits.memory_bytes, limits.cpu_seconds, limits.file_bytes, limits.processes)
    return box.command(
        program,
        name="notebook",
        folders=environment.folders,
        options=options,
        bounds=bounds,
        stage=stage,
        uid=uid,
    )


def variables(environment: Environment) -> dict[str, str]:
    """The environment variables inside, all of them: nothing of the suite's own comes along."""
    return {
        "PATH": "/usr/bin",
        "HOME": HOME,
        "LANG": "C.UTF-8",
        "PYTHONPATH": "/opt/packages",
        "PYTHONDONTWRITEBYTECODE": "1",
        "MPLCONFIGDIR": f"{HOME}/.matplotlib",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "OPENBLAS_NUM_THREADS": "2",
        **({"LD_LIBRARY_PATH": environment.library_path} if environment.library_path else {}),
    }
