"""Addresses of stores, and what is needed besides: what is secret comes from files or the environment alone."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from backup.engine.errors import BackupError
from backup.engine.stores.cached import LARGEST
from backup.engine.stores.rates import Schedule
from backup.engine.stores.retrying import IN_A_ROW, REST, TRIES

ENVIRONMENT = "SUITE_BACKUP_"
_PASSWORD = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*://[^/:@?]*):(?!\d+/).*@", re.DOTALL)


@dataclass(frozen=True)
class Options:
    """What isn't part of an address."""

    key_file: Path | None = None
    """A private SSH key."""
    known_hosts: Path | None = None
    """In the place of a fingerprint."""
    schedule: Schedule | None = None
    cache: Path | None = None
    """A folder in which each repository gets its own."""
    cache_size: int = LARGEST
    tries: int = TRIES
    in_a_row: int = IN_A_ROW
    """Tries that may fail in a row before nothing is tried for `rest` seconds."""
    rest: float = REST
    ca: Path | None = None
    """The authorities that are believed by TLS, in the place of the system's."""
    within: float = math.inf
    """Seconds for which no answer is waited for longer: somebody waits for it."""
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)

    def secret(self, name: str) -> str:
        """``SUITE_BACKUP_<name>``, or what stands in the file that ``SUITE_BACKUP_<name>_FILE`` names."""
        variable = f"{ENVIRONMENT}{name}"
        if path := self.environment.get(f"{variable}_FILE"):
            return text_of(Path(path)).rstrip("\r\n")
        return self.environment.get(variable, "")


def text_of(path: Path) -> str:
    try:
        return path.read_text()
    except OSError as error:
        raise BackupError(f"{path} can't be read: {error.strerror}") from error


def safe_url(url: str) -> str:
    """An address for people's eyes: without a password, should there be one, and without what follows the path."""
    return _PASSWORD.sub(r"\1@", url).partition("?")[0] if "://" in url else url


def is_far(url: str) -> bool:
    """Whether a store is reached over a network, where many requests at a time pay."""
    return "://" in url and not url.startswith("file:")


def is_here(host: str) -> bool:
    """Whether a host is this very machine, so that nobody listens on the way."""
    from ipaddress import ip_address

    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def folder_of(url: str) -> Path | None:
    """The folder of this machine that an address names; none for a store elsewhere."""
    parts = split(url)
    if parts.scheme not in ("", "file"):
        return None
    return Path(unquote(parts.path) if parts.scheme else url)


def split(url: str) -> SplitResult:
    """The parts of an address that holds no password."""
    if _PASSWORD.match(url):
        raise BackupError(f"a password has no place in an address, which lists and logs show: write {safe_url(url)}")
    try:
        parts = urlsplit(url)
        _port = parts.port
    except ValueError as error:
        raise BackupError(f"{safe_url(url)} is no address: {error}") from None
    return parts


def asked(parts: SplitResult, *known: str) -> dict[str, str]:
    """What follows the question mark, refused where it isn't known."""
    found = dict(parse_qsl(parts.query, keep_blank_values=True))
    if unknown := sorted(found.keys() - set(known)):
        raise BackupError(f"{', '.join(unknown)}: not known here; known are {', '.join(known) or 'none'}")
    return found
