"""The files of the repository, for the tests that read them."""

from __future__ import annotations

import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@cache
def tracked() -> tuple[Path, ...]:
    """Every file that git knows, or would take: not what it ignores, nor what is about to be removed."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout
    paths = (ROOT / name for name in listed.split("\0") if name)
    return tuple(sorted(path for path in paths if path.is_file()))


def named(suffix: str, *, among: tuple[str, ...] = ()) -> list[Path]:
    """The files that end so, in these top folders or in all."""
    return [path for path in tracked() if path.name.endswith(suffix) and (not among or parts(path)[0] in among)]


def parts(path: Path) -> tuple[str, ...]:
    return path.relative_to(ROOT).parts


TOOLS = ("ecrf", "backup", "lowcode", "prescriptions", "datahub")
CODE = ("core", *TOOLS)
