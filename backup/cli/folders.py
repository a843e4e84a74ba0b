"""Where this machine keeps what it remembers and what it read once."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from pathlib import Path

from backup.cli.settings import Settings
from backup.engine.format.keys import Key

NAME = "suite-backup"


def state(settings: Settings, environment: Mapping[str, str]) -> Path:
    return settings.path("state") or _usual("XDG_STATE_HOME", ".local/state", "/var/lib", environment)


def cache(settings: Settings, environment: Mapping[str, str]) -> Path:
    return settings.path("cache") or _usual("XDG_CACHE_HOME", ".cache", "/var/cache", environment)


def of_key(folder: Path, key: Key) -> Path:
    """What is remembered with one key of one repository."""
    return folder / key.repository.hex() / key.key_id.hex()


def seen(folder: Path, key: Key) -> int:
    """The highest number of a config of this repository that was seen here: an older one would be a replay."""
    try:
        return int(_seen(folder, key).read_text())
    except (OSError, ValueError):
        return 0


def saw(folder: Path, key: Key, number: int) -> None:
    """Remember it, where anything can be remembered at all."""
    path = _seen(folder, key)
    if number <= seen(folder, key):
        return
    with contextlib.suppress(OSError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = path.with_name(f"config.{os.getpid()}")
        fresh.write_text(f"{number}\n")
        fresh.replace(path)


def _seen(folder: Path, key: Key) -> Path:
    return folder / key.repository.hex() / "config"


def _usual(variable: str, below_home: str, of_root: str, environment: Mapping[str, str]) -> Path:
    if environment.get(variable):
        return Path(environment[variable]) / NAME
    if os.geteuid() == 0:
        return Path(of_root) / NAME
    return Path(environment.get("HOME", "/")) / below_home / NAME
