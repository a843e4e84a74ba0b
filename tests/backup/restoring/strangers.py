"""Do something as a user who is nobody: root may read and write whatever its mode says."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

NOBODY = 65534


@contextmanager
def common_ground() -> Iterator[Path]:
    """A folder that nobody owns and reaches, unlike those of pytest."""
    path = Path(tempfile.mkdtemp(prefix="suite-test-"))
    try:
        if os.geteuid() == 0:
            os.chown(path, NOBODY, NOBODY)
        yield path
    finally:
        for parent, folders, _ in os.walk(path):
            for name in folders:
                (Path(parent) / name).chmod(0o700)
        shutil.rmtree(path)


def as_nobody(work: Callable[[], None]) -> None:
    """Run something in a process of its own that has no rights. What fails there fails here."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            if os.geteuid() == 0:
                os.setgroups([])
                os.setresgid(NOBODY, NOBODY, NOBODY)
                os.setresuid(NOBODY, NOBODY, NOBODY)
            work()
            code = 0
        except BaseException:
            traceback.print_exc(file=sys.__stderr__)
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
