"""A store for an address. What is secret never stands in an address: it comes from files or the environment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote

from backup.engine.errors import BackupError
from backup.engine.format import cipher
from backup.engine.stores.addresses import Options, asked, folder_of, is_here, safe_url, split, text_of
from backup.engine.stores.base import Store
from backup.engine.stores.cached import Cached
from backup.engine.stores.limited import Limited
from backup.engine.stores.local import LocalStore
from backup.engine.stores.retrying import Retrying

GROUP = "suite_backup.stores"
"""Entry points: a scheme, and what makes a store of an address and the options."""


def open_store(url: str, options: Options | None = None) -> Store:
    """The store at an address, with its limits, tries and cache around it. Raises BackupError in words."""
    options = options or Options()
    parts = split(url)
    if (folder := folder_of(url)) is not None:
        if parts.scheme and parts.netloc not in ("", "localhost"):
            raise BackupError(f"{url} is on another machine: write file:///path")
        store: Store = LocalStore(folder)
        return Limited(store, options.schedule) if options.schedule else store
    store = (_OURS.get(parts.scheme) or _of_others(parts.scheme))(url, options)
    if options.schedule:
        store = Limited(store, options.schedule)
    store = Retrying(store, tries=options.tries, in_a_row=options.in_a_row, rest=options.rest)
    if options.cache:
        folder = options.cache / cipher.digest(url.encode()).hex()[:32]
        store = Cached(store, folder, largest=options.cache_size)
    return store


def _sftp(url: str, options: Options) -> Store:
    """``sftp://user@host:port/path?fingerprint=SHA256:…``; ``/~/path`` is below the user's folder."""
    from backup.engine.stores.sftp import SftpStore
    from backup.engine.stores.ssh_server import Server

    parts = split(url)
    fingerprint = asked(parts, "fingerprint").get("fingerprint", "")
    path = unquote(parts.path)
    if not parts.hostname or not path.strip("/"):
        raise BackupError(f"{safe_url(url)}: write sftp://user@host/path?fingerprint=SHA256:…")
    server = Server(
        host=parts.hostname,
        port=parts.port or 22,
        user=unquote(parts.username or ""),
        fingerprint=fingerprint.replace(" ", "+"),  # the plus sign of base64, as forms read it
        known_hosts=text_of(options.known_hosts) if options.known_hosts else "",
        key_file=options.key_file,
        passphrase=options.secret("SFTP_KEY_PASSPHRASE"),
        password=options.secret("SFTP_PASSWORD"),
    )
    return SftpStore(server, path.removeprefix("/~/"), within=options.within)


def _s3(url: str, options: Options) -> Store:
    """``s3://bucket/prefix?endpoint=…&region=…&lock=governance:30``.

    Credentials from ``SUITE_BACKUP_S3_KEY`` and ``…_S3_SECRET``, else from ``AWS_*`` or ``~/.aws``.
    """
    from backup.engine.stores.s3 import S3Store
    from backup.engine.stores.s3_bucket import TRIES, Access, Bucket

    parts = split(url)
    wanted: dict[str, Any] = {**asked(parts, "endpoint", "region", "style", "checksum", "lock", "conditional")}
    endpoint = wanted.pop("endpoint", "")
    split(endpoint)
    lock, _colon, days = wanted.pop("lock", "").partition(":")
    if conditional := wanted.pop("conditional", ""):
        if conditional not in ("yes", "no"):
            raise BackupError("conditional=yes or conditional=no; without it the store is tried")
        wanted["conditional"] = conditional == "yes"
    if not parts.netloc or parts.username:
        raise BackupError(f"{safe_url(url)}: write s3://bucket/prefix?endpoint=https://…&region=…")
    if not days.isdecimal() and lock:
        raise BackupError("a lock is for a number of days: write lock=governance:30")
    prefix = unquote(parts.path).strip("/")
    memory = options.cache / f"{cipher.digest(url.encode()).hex()[:32]}.json" if options.cache else None
    bucket = Bucket(parts.netloc, prefix, endpoint, lock=lock, days=int(days or 0), **wanted)
    access = Access(options.secret("S3_KEY"), options.secret("S3_SECRET"), options.ca, options.within)
    return S3Store(bucket, tries=min(TRIES, options.tries + 1), memory=memory, access=access)


def _webdav(url: str, options: Options) -> Store:
    """``webdavs://user@host/path``; ``webdav://`` goes unencrypted, and with a password only to this very machine."""
    from backup.engine.stores.webdav import WebDavStore

    parts = split(url)
    asked(parts)
    if not parts.hostname:
        raise BackupError(f"{safe_url(url)}: write webdavs://user@host/path")
    is_secret = parts.scheme in ("webdavs", "dav+https")
    password = options.secret("WEBDAV_PASSWORD")
    if password and not is_secret and not is_here(parts.hostname):
        raise BackupError(f"{safe_url(url)}: a password isn't sent unencrypted; write webdavs://")
    host = parts.netloc.rpartition("@")[2]
    address = f"{'https' if is_secret else 'http'}://{host}{parts.path}"
    user = unquote(parts.username or "")
    return WebDavStore(address, user=user, password=password, ca=options.ca, within=options.within)


def _portal(url: str, options: Options) -> Store:
    """``suite+https://host/<id>``: a repository that a portal keeps; the token is in ``SUITE_BACKUP_PORTAL_TOKEN``."""
    from backup.engine.stores.portal import PortalStore, address

    parts = split(url)
    asked(parts)
    if parts.scheme == "suite+http" and not is_here(parts.hostname or ""):
        raise BackupError(f"{safe_url(url)}: a token isn't sent unencrypted; write suite+https://")
    token = options.secret("PORTAL_TOKEN").strip()
    if not token:
        raise BackupError("the portal asks for a token: name the file that holds it in SUITE_BACKUP_PORTAL_TOKEN_FILE")
    return PortalStore(address(url), token, ca=options.environment.get("SUITE_BACKUP_PORTAL_CA", ""))


_OURS: Mapping[str, Callable[[str, Options], Store]] = {
    "sftp": _sftp,
    "s3": _s3,
    **dict.fromkeys(("suite+https", "suite+http"), _portal),
    **dict.fromkeys(("webdav", "webdavs", "dav+http", "dav+https"), _webdav),
}


def _of_others(scheme: str) -> Callable[[str, Options], Store]:
    """What another package offers for this scheme. A package that is broken hinders only who asks for it."""
    from importlib import metadata  # takes as long to load as all the rest

    found = {point.name: point for point in metadata.entry_points(group=GROUP)}
    if scheme not in found:
        known = ", ".join(sorted({"file", *_OURS, *found}))
        raise BackupError(f"no store is known by {scheme}://; known are {known}")
    try:
        opener: Callable[[str, Options], Store] = found[scheme].load()
    except Exception as error:
        raise BackupError(f"{found[scheme].value}, which is to open {scheme}://, is broken: {error!r}") from error
    return opener
