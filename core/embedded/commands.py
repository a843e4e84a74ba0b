"""The commands that work before Django's settings exist: `up`, `down`, `status`, `reset`, `assets`, `settings`."""

from __future__ import annotations

import os
import select
import shutil
import subprocess
import sys
from collections.abc import Callable, MutableMapping

from core.embedded import assets, instance, postgres, preparation, process, valkey, web
from core.embedded.errors import CantStart
from core.embedded.folder import ROOT, Folder, locate
from core.embedded.up import serve

READY_WITHIN = 180
"""Seconds that a first start may take: it makes the database and loads the demo."""

Environ = MutableMapping[str, str]


def up(environ: Environ, words: list[str]) -> int:
    """Start the suite and stay, or with DETACH=1 come back when it is ready. Harmless where it runs already."""
    folder = locate(environ.get("DATA_DIR"))
    folder.make()
    if found := instance.running(folder):
        preparation.prepare(environ, folder.path)
        link = web.manage(environ, "signin-link").strip()
        print(f"The suite is already running: {found.url}\nSign in once, within ten minutes: {link}")
        return 0
    if environ.pop("DETACH", "") in ("", "0"):
        serve(environ, folder)
        return 0
    return detach(environ, folder)


def detach(environ: Environ, folder: Folder) -> int:
    """Start the suite in the background, and wait until it says through a pipe that it is ready or until it ends."""
    log = folder.logs / "up.log"
    theirs, ours = os.pipe()
    with log.open("wb") as output:
        subprocess.Popen(
            [sys.executable, str(ROOT / "manage.py"), "up"],
            env={**environ, "READY_FD": str(ours)},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            pass_fds=[ours],
            start_new_session=True,
        )
    os.close(ours)
    with os.fdopen(theirs) as answer:
        if select.select([answer], [], [], READY_WITHIN)[0] and (welcome := answer.read()):
            print(welcome.rstrip())
            return 0
    raise CantStart(f"The suite didn't get ready. The end of {log}:\n{process.last_lines(log, 20)}")


def down(environ: Environ, words: list[str]) -> int:
    """Stop the suite and its embedded servers; what is stored stays."""
    folder = locate(environ.get("DATA_DIR"))
    if found := instance.running(folder):
        process.stop(found.pid, seconds=60)
    if folder.run.exists():
        with folder.locked():
            preparation.stop(folder)
    print("The suite is stopped.")
    return 0


def status(environ: Environ, words: list[str]) -> int:
    """Say what runs. Ends with 0 when the suite answers, with 3 when it doesn't."""
    folder = locate(environ.get("DATA_DIR"))
    found = instance.running(folder)
    ready = bool(found and web.ready(found.url))
    print(f"data      {folder.path}")
    print(f"suite     {f'{found.url} (process {found.pid})' if found else 'stopped'}")
    print(f"answers   {'yes' if ready else 'no'}")
    for name, pid in (("postgres", postgres.pid(folder)), ("valkey", valkey.pid(folder))):
        print(f"{name:9} {f'process {pid}' if pid else 'stopped'}")
    return 0 if ready else 3


def reset(environ: Environ, words: list[str]) -> int:
    """Remove the data folder with everything in it: database, files, keys. Asks for the folder's name first."""
    folder = locate(environ.get("DATA_DIR"))
    if not folder.is_ours():
        print(f"There is nothing in {folder.path}.")
        return 0
    if words != ["--yes"]:
        print(f"This removes the database, every file and the keys in {folder.path}. It can't be undone.")
        if not sys.stdin.isatty() or input(f"Type {folder.path.name} to go on: ") != folder.path.name:
            raise CantStart("Nothing was removed. Without a terminal: manage.py reset --yes")
    down(environ, [])
    shutil.rmtree(folder.sockets, ignore_errors=True)
    shutil.rmtree(folder.path)
    print(f"{folder.path} is removed.")
    return 0


def build_assets(environ: Environ, words: list[str]) -> int:
    """Build the browser's scripts and styles where a source has changed."""
    assets.build()
    return 0


def settings(environ: Environ, words: list[str]) -> int:
    """Print what an operator may set."""
    from core.config import env

    print(env.table(), end="")
    return 0


BEFORE_DJANGO: dict[str, Callable[[Environ, list[str]], int]] = {
    "up": up,
    "down": down,
    "status": status,
    "reset": reset,
    "assets": build_assets,
    "settings": settings,
}
