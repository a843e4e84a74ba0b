"""A repository as a read-only WebDAV server on this machine: /<source>/<time>/… ."""

from __future__ import annotations

import io
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from cheroot import wsgi
from wsgidav.dav_provider import DAVCollection, DAVNonCollection, DAVProvider
from wsgidav.wsgidav_app import WsgiDAVApp

from backup.engine.errors import Damaged
from backup.engine.format import cipher
from backup.engine.format.snapshots import Snapshot
from backup.engine.format.trees import DIRECTORY, FILE, Node
from backup.engine.reading.catalogue import Catalogue
from backup.engine.reading.seekable import SnapshotFile
from backup.engine.repository import Repository

USER = "backup"
_HOST = "127.0.0.1"
_BUFFER = 1 << 20
_CATALOGUES = 4
_FOLDERS = 256
_LISTED = 60.0
"""Seconds for which the list of snapshots is good."""


class Server:
    """Serves until it is closed. Who mounts it needs the password, which is drawn anew each time."""

    def __init__(self, repository: Repository, *, port: int = 0, threads: int = 8) -> None:
        """`port` 0 is any free one. Raises OSError where the port is taken."""
        self.password = secrets.token_urlsafe(24)
        self._server = wsgi.Server((_HOST, port), _application(repository, self.password), numthreads=threads)
        self._server.prepare()
        self._thread = threading.Thread(target=self._server.serve, name="backup-dav", daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://{_HOST}:{self._server.bind_addr[1]}/"

    def wait(self, seconds: float | None = None) -> None:
        """Until it is closed from another thread, or the time is over."""
        self._thread.join(seconds)

    def close(self) -> None:
        self._server.stop()
        self._thread.join()


def _application(repository: Repository, password: str) -> Any:
    return WsgiDAVApp(
        {
            "provider_mapping": {"/": _Provider(_Tree(repository))},
            "http_authenticator": {
                "domain_controller": None,
                "accept_basic": True,
                "accept_digest": False,
                "default_to_digest": False,
            },
            "simple_dc": {"user_mapping": {"*": {USER: {"password": password}}}},
            "property_manager": False,
            "lock_storage": False,
            "verbose": 0,
            "logging": {"enable_loggers": []},
        }
    )


class _Tree:
    """What lies under each path. Safe to use from several threads."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._lock = threading.Lock()
        self._sources: dict[str, dict[str, Snapshot]] = {}
        self._listed: float | None = None
        self._catalogues: OrderedDict[bytes, Catalogue] = OrderedDict()
        self._folders: OrderedDict[tuple[bytes, bytes], dict[str, Node]] = OrderedDict()

    def sources(self) -> Mapping[str, Mapping[str, Snapshot]]:
        """The snapshots by source and time."""
        with self._lock:
            if self._listed is None or time.monotonic() - self._listed > _LISTED:
                self._sources = _by_source(self._repository.snapshots())
                self._listed = time.monotonic()
            return self._sources

    def catalogue(self, snapshot: Snapshot) -> Catalogue:
        with self._lock:
            found = self._catalogues.get(snapshot.id)
        if found is None:
            found = Catalogue(self._repository, snapshot)
        with self._lock:
            self._catalogues[snapshot.id] = found
            self._catalogues.move_to_end(snapshot.id)
            if len(self._catalogues) > _CATALOGUES:
                self._catalogues.popitem(last=False)
        return found

    def below(self, snapshot: Snapshot, folder: Node) -> Mapping[str, Node]:
        """The files and folders in a folder, by their names in text. What is damaged isn't there."""
        key = (snapshot.id, folder["c"])
        with self._lock:
            found = self._folders.get(key)
        if found is None:
            found = {}
            try:
                for node in self.catalogue(snapshot).nodes(folder):
                    if node["t"] in (FILE, DIRECTORY):
                        found[node["n"].decode(errors="backslashreplace")] = node
            except Damaged:
                return found
            with self._lock:
                self._folders[key] = found
                if len(self._folders) > _FOLDERS:
                    self._folders.popitem(last=False)
        return found


def _by_source(snapshots: Iterable[Snapshot]) -> dict[str, dict[str, Snapshot]]:
    sources: dict[str, dict[str, Snapshot]] = {}
    for snapshot in snapshots:
        times = sources.setdefault(snapshot.source.replace("/", "∕").strip() or "_", {})
        name = f"{datetime.fromtimestamp(snapshot.started // 1_000_000_000, UTC):%Y-%m-%dT%H-%M-%SZ}"
        times[f"{name} {snapshot.id.hex()[:8]}" if name in times else name] = snapshot
    return sources


class _Provider(DAVProvider):
    def __init__(self, tree: _Tree) -> None:
        super().__init__()
        self._tree = tree

    def is_readonly(self) -> bool:
        return True

    def get_resource_inst(self, path: str, environ: dict[str, Any]) -> Any:
        found: Any = _Listing("/", environ, self._tree)
        for name in filter(None, path.split("/")):
            found = found.get_member(name) if found.is_collection else None
            if found is None:
                return None
        return found


class _Listing(DAVCollection):
    """The sources, or the snapshots of one."""

    def __init__(self, path: str, environ: dict[str, Any], tree: _Tree, source: str | None = None) -> None:
        super().__init__(path, environ)
        self._tree, self._source = tree, source

    def get_member_names(self) -> list[str]:
        sources = self._tree.sources()
        return sorted(sources if self._source is None else sources.get(self._source, ()))

    def get_member(self, name: str) -> Any:
        if self._source is None:
            return _Listing(f"/{name}", self.environ, self._tree, name) if name in self._tree.sources() else None
        snapshot = self._tree.sources().get(self._source, {}).get(name)
        if snapshot is None:
            return None
        return _Folder(f"{self.path}/{name}", self.environ, self._tree, snapshot, self._tree.catalogue(snapshot).root())


class _Folder(DAVCollection):
    def __init__(self, path: str, environ: dict[str, Any], tree: _Tree, snapshot: Snapshot, node: Node) -> None:
        super().__init__(path, environ)
        self._tree, self._snapshot, self._node = tree, snapshot, node

    def get_member_names(self) -> list[str]:
        return list(self._tree.below(self._snapshot, self._node))

    def get_member(self, name: str) -> Any:
        node = self._tree.below(self._snapshot, self._node).get(name)
        if node is None:
            return None
        made = _Folder if node["t"] == DIRECTORY else _File
        return made(f"{self.path.rstrip('/')}/{name}", self.environ, self._tree, self._snapshot, node)

    def get_last_modified(self) -> float:
        return _seconds(self._node["mt"] or self._snapshot.started)


class _File(DAVNonCollection):
    def __init__(self, path: str, environ: dict[str, Any], tree: _Tree, snapshot: Snapshot, node: Node) -> None:
        super().__init__(path, environ)
        self._tree, self._snapshot, self._node = tree, snapshot, node

    def get_content_length(self) -> int:
        size: int = self._node["s"]
        return size

    def get_content_type(self) -> str:
        return "application/octet-stream"  # a page that somebody saved must not run where its reader is signed in

    def get_last_modified(self) -> float:
        return _seconds(self._node["mt"])

    def get_etag(self) -> str:
        return cipher.digest(self._node["c"], cipher.pack([self._node["s"], self._node.get("e")])).hex()

    def support_etag(self) -> bool:
        return True

    def support_ranges(self) -> bool:
        return True

    def get_content(self) -> io.BufferedReader:
        return io.BufferedReader(SnapshotFile(self._tree.catalogue(self._snapshot), self._node), _BUFFER)


def _seconds(moment: int) -> float:
    """A time that HTTP can say."""
    return min(max(moment / 1e9, 0.0), 253_402_300_799.0)
