"""The box that people's code runs in: no network, no other project's files, no secret, bounded memory and time.

Bubblewrap gives the namespaces, prlimit the bounds, setpriv a user id of the project's own. The data come in as open
files that bubblewrap copies into its memory, and what the code writes goes into memory too, up to a bound: nothing of
theirs is written to a disk, and nothing is left when the box ends.

Started by root, bubblewrap would still be root towards the files bound into the box, so setpriv drops root first. The
folders to bind may lie below folders closed to that user, so root binds them under a private mount namespace first
(`stage`). A normal user needs neither: the box then runs under his own id, and sees none of his files.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import site
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

HOME = "/home/notebook"
TOOLS = ("bwrap", "prlimit", "setpriv", "unshare")
STAGE = """
stage=$1; shift
mount -t tmpfs -o mode=755 sandbox "$stage"
while [ "$1" != -- ]; do mkdir "$stage/$2"; mount --bind -o ro "$1" "$stage/$2"; shift 2; done
shift; exec "$@"
"""


class Missing(Exception):
    """A program that the sandbox needs is not installed."""


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
        name = f"python{sys.version_info.major}.{sys.version_info.minor}"
        packages = {"packages": Path(site.getsitepackages()[0])}
        fonts = next(cache.glob("fontlist-*.json"), None) or list_fonts(cache)
        base = Path(sys.base_prefix)
        if base == Path("/usr"):
            return cls(f"/usr/bin/{name}", packages, fonts)
        return cls(f"/opt/python/bin/{name}", packages | {"python": base}, fonts, library_path="/opt/python/lib")


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
    if missing := [tool for tool in TOOLS if shutil.which(tool) is None]:
        raise Missing(", ".join(missing))
    sources = {name: stage / name if uid is not None else folder for name, folder in environment.folders.items()}
    bounds = [
        "prlimit",
        f"--as={limits.memory_bytes}",
        f"--cpu={limits.cpu_seconds}",
        f"--fsize={limits.file_bytes}",
        "--core=0",
    ]
    scratch = ("--size", str(limits.scratch_bytes), "--tmpfs")
    box = [
        *("bwrap", "--unshare-all", "--unshare-user", "--disable-userns", "--die-with-parent", "--new-session"),
        *("--hostname", "notebook"),
        *("--ro-bind", "/usr", "/usr"),
        *(word for name in ("bin", "lib", "lib64") for word in ("--symlink", f"usr/{name}", f"/{name}")),
        *("--proc", "/proc", "--dev", "/dev", *scratch, "/dev/shm", *scratch, "/tmp", *scratch, HOME),  # noqa: S108
        *(word for name, source in sources.items() for word in ("--ro-bind", str(source), f"/opt/{name}")),
        *("--dir", "/data"),
        *(word for name, fd in data.items() for word in ("--ro-bind-data", str(fd), f"/data/{name}")),
        *(word for name, fd in home.items() for word in ("--perms", "0600", "--file", str(fd), f"{HOME}/{name}")),
        *("--bind", str(sockets), "/run/kernel", "--remount-ro", "/dev", "--remount-ro", "/", "--chdir", HOME),
        *(word for name, value in variables(environment).items() for word in ("--setenv", name, value)),
    ]
    if uid is None:  # the number of processes is bounded inside, where only those of the box count
        return [*bounds, *box, "prlimit", f"--nproc={limits.processes}", *program]
    bindings = [word for name, folder in environment.folders.items() for word in (str(folder), name)]
    become = ["setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups", "--no-new-privs"]
    alone = ["unshare", "--mount", "--propagation", "private", "sh", "-euc", STAGE, "sh", str(stage), *bindings, "--"]
    return [*alone, *bounds, f"--nproc={limits.processes}", *become, *box, *program]


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


def started_by_root() -> bool:
    return os.geteuid() == 0
