"""Where backups may be kept beside this machine, as the operator declares it in a file; secrets lie in files of theirs.

A project's people choose a place by its name: no address that anybody types in the portal is ever connected to.
"""

from __future__ import annotations

import re
import stat
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
WEBDAV = ("password_file", "ca_file")
FILES = {
    "s3": ("key_file", "secret_file", "ca_file"),
    "sftp": ("ssh_key_file", "passphrase_file", "password_file", "known_hosts_file"),
    **dict.fromkeys(("webdav", "webdavs", "dav+http", "dav+https"), WEBDAV),
}
"""Scheme -> the files that may be named beside the address."""
OPEN = ("ca_file", "known_hosts_file")
"""What isn't secret."""


@dataclass(frozen=True)
class Place:
    """A store outside, below which each repository gets a folder."""

    name: str
    label: str
    address: str
    files: Mapping[str, Path]
    """``secret_file`` and the like."""


def read(path: str) -> dict[str, Place]:
    """The places of a file by their names. Raises ValueError that tells every fault."""
    try:
        tables = tomllib.loads(Path(path).read_text())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} isn't TOML: {error}") from None
    faults: list[str] = []
    found = {name: _place(name, table, faults) for name, table in tables.items()}
    if faults:
        raise ValueError("; ".join(faults))
    return found


def _place(name: str, table: Any, faults: list[str]) -> Place:
    if not NAME.fullmatch(name):
        faults.append(f"[{name}]: a place is named by small letters, digits and hyphens, 40 at most")
    if not isinstance(table, dict):
        faults.append(f"{name}: write a table [{name}] with its address")
        table = {}
    if wrong := [key for key, value in table.items() if not isinstance(value, str)]:
        faults.append(f"[{name}] {', '.join(wrong)}: write text between quotes")
        table = {key: value for key, value in table.items() if key not in wrong}
    address = table.get("address", "")
    scheme = urlsplit(address).scheme
    if scheme not in FILES:
        faults.append(f"[{name}] address: say where it is, by {'://, '.join(sorted(FILES))}://")
    known = {"address", "label", *FILES.get(scheme, ())}
    if unknown := sorted(table.keys() - known):
        faults.append(f"[{name}] {', '.join(unknown)}: not known here; known are {', '.join(sorted(known))}")
    files = {key: Path(value) for key, value in table.items() if key.endswith("_file") and key in known}
    for key, file in files.items():
        if fault := _fault(key, file):
            faults.append(f"[{name}] {key}: {fault}")
    return Place(name, table.get("label") or name, address, files)


def _fault(key: str, file: Path) -> str:
    """What is wrong with a file, if anything is."""
    try:
        status = file.stat()
        file.open("rb").close()
    except OSError as error:
        return f"{file} can't be read: {error.strerror}"
    if not stat.S_ISREG(status.st_mode):
        return f"{file} isn't a file"
    if key not in OPEN and status.st_mode & stat.S_IRWXO:
        return f"everybody may read {file}: chmod o= {file}"
    return ""
