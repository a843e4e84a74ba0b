"""The browser's scripts, styles and fonts: built from npm's packages when a source has changed, and only then."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

from core.embedded.errors import CantStart
from core.embedded.folder import ROOT

LOCK = ROOT / "package-lock.json"
PACKAGES = ROOT / "node_modules"
BUILT = ROOT / "core" / "static" / "build"
SOURCES = (".js", ".css", ".html", ".py")
"""What the build reads: scripts and styles, and every file that may name an icon."""


def build() -> None:
    """Install the packages and build, each only if what it reads has changed. Raises CantStart with npm's words."""
    if changed(wanted := digest([LOCK]), PACKAGES / ".installed"):
        run("npm", "ci", "--no-audit", "--no-fund")
        (PACKAGES / ".installed").write_text(wanted)
    if changed(wanted := digest(sources()), BUILT / ".sources"):
        run("node", "build.mjs")
        (BUILT / ".sources").write_text(wanted)


def changed(wanted: str, stamp: Path) -> bool:
    return not stamp.exists() or stamp.read_text() != wanted


def sources() -> Iterable[Path]:
    yield LOCK
    yield ROOT / "build.mjs"
    apps = sorted(path.parent for pattern in ("*/apps.py", "core/*/apps.py") for path in ROOT.glob(pattern))
    for app in apps:
        yield from sorted(path for path in app.rglob("*") if path.suffix in SOURCES and "migrations" not in path.parts)


def digest(paths: Iterable[Path]) -> str:
    """One number for the names and the contents of these files."""
    whole = hashlib.sha256()
    for path in paths:
        whole.update(f"{path.relative_to(ROOT)}\0".encode())
        whole.update(hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()


def run(*command: str) -> None:
    if not shutil.which(command[0]):
        raise CantStart(f"{command[0]} is missing. On Debian and Ubuntu: apt install nodejs npm (Node 20 or newer)")
    done = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode != 0:
        raise CantStart(f"The browser assets can't be built ({' '.join(command)}):\n{done.stdout}{done.stderr}")
