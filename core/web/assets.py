"""Addresses of the built scripts, styles and icons, each with its version: browsers keep them until it changes."""

from __future__ import annotations

import json
import time
from functools import lru_cache
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from django.templatetags.static import static

BUILD = Path(__file__).parents[1] / "static" / "build"


def address(name: str) -> str:
    """The URL of a built file. Raises ImproperlyConfigured where nobody has built it."""
    version = _versions().get(name)
    if version is None:
        raise ImproperlyConfigured(f"core/static/build/{name} is missing. Build it: npm ci && npm run build")
    return f"{static(f'build/{name}')}?v={version}"


def exists(name: str) -> bool:
    return name in _versions()


def needed_by(*names: str) -> list[str]:
    """The URLs of these built files and of all that they load: what a page needs where there is no network."""
    loaded: dict[str, list[str]] = json.loads((BUILD / "needed.json").read_text())
    beside = {other: None for name in names for other in loaded.get(name, ())}
    return [*map(address, names), *(static(f"build/{name}") for name in beside if name not in names)]


def _versions() -> dict[str, str]:
    """What is built now. A page asks a thousand times; whether somebody has built again is looked up every second."""
    return _look(BUILD / "manifest.json", int(time.monotonic()))


@lru_cache(maxsize=1)
def _look(manifest: Path, _second: int) -> dict[str, str]:
    try:
        return _read(manifest, manifest.stat().st_mtime_ns)
    except FileNotFoundError:
        raise ImproperlyConfigured("The browser assets aren't built. Build them: npm ci && npm run build") from None


@lru_cache(maxsize=1)
def _read(manifest: Path, _changed: int) -> dict[str, str]:
    versions: dict[str, str] = json.loads(manifest.read_text())
    return versions
