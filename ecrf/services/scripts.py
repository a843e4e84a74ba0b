"""Where page scripts run: processes of the engine, each in a box of the core, with no network and no file of ours."""

from __future__ import annotations

import atexit
import secrets
import shutil
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from core.files.engine import box
from ecrf.engine.goupile.run import CHILD, Limits, Runner

FIRST_UID, UIDS = 3_000_000, 1_000_000
"""Users of boxes, where root starts them: nobody's."""

START = (
    "import runpy, sys; sys.path.insert(0, '/opt/packages'); "
    "runpy.run_path('/opt/scripts/child.py', run_name='__main__')"
)


@cache
def runner() -> Runner:
    """The processes that this process shares, two at a time. Raises ScriptFault when first used without a box."""
    made = Runner(boxed, Limits(), size=2)
    atexit.register(made.close)
    return made


def boxed(_command: Sequence[str]) -> list[str]:
    """The command line of a process of the engine in a box of its own. Raises OSError where there is no box."""
    python, uid = box.Python.of_this_process(), None
    stage = Path(tempfile.mkdtemp(prefix="scripts-", dir="/dev/shm"))
    atexit.register(shutil.rmtree, stage, ignore_errors=True)
    if box.started_by_root():
        uid = FIRST_UID + secrets.randbelow(UIDS)
        stage.chmod(0o711)
    variables = {"LANG": "C.UTF-8", "TZ": "UTC", "LD_LIBRARY_PATH": python.library_path}
    try:
        return box.command(
            [python.interpreter, "-I", "-S", "-B", "-c", START],
            name="scripts",
            folders={**python.folders, "scripts": CHILD.parent},
            options=[
                *("--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/", "--clearenv"),
                *(word for name, value in variables.items() if value for word in ("--setenv", name, value)),
            ],
            bounds=box.Bounds(memory_bytes=2 << 30, cpu_seconds=24 * 3600, file_bytes=0, processes=16, open_files=64),
            stage=stage,
            uid=uid,
        )
    except box.Missing as fault:
        raise FileNotFoundError(str(fault)) from fault
