"""The store in which a repository lies: a folder of this server, or a place that the administrator has declared.

Who waits for a page or an answer gets one that gives up within seconds, shared by the threads of a process. Long work
gets its own, which is patient and closed at its end.
"""

from __future__ import annotations

import math
import os
import shutil
import time
import weakref
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore, Lock, Thread
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings

from backup.engine.errors import Unreachable
from backup.engine.stores.addresses import ENVIRONMENT, Options
from backup.engine.stores.local import LocalStore
from backup.engine.stores.opening import open_store
from backup.engine.stores.redundant import Redundant
from backup.engine.stores.retrying import TRIES
from backup.engine.stores.wrapped import Wrapper

if TYPE_CHECKING:
    from backup.engine.stores.base import Store
    from backup.models import Repository
    from core.config.places import Place

T = TypeVar("T")

WITHIN = 6.0
"""Seconds that somebody waits for one answer of a store; twice as many where it is asked again."""
IN_A_ROW, REST = 2, 3.0
"""After so many failures nobody waits for it any more, for so many seconds: he is told at once. Then one tries again.

Short enough that an agent, whose own tries take longer, doesn't give its run up for what was over in a moment.
"""
ABREAST, AT_THE_GATE = 4, 1.0
"""How many of a process wait for places outside at the same time, and how many seconds another one waits for that."""
IDLE, MOST = 600.0, 32
"""Seconds for which a shared store stays open without being used, and how many do."""
STEADY: dict[str, Any] = {"tries": 2, "within": 20.0}
"""How patient the scheduler is with a place, before it says that it is away."""
UPLOADS = 4
"""Packs sent at the same time to a place that is far away."""
SECRETS = {
    "key_file": "S3_KEY",
    "secret_file": "S3_SECRET",
    "passphrase_file": "SFTP_KEY_PASSPHRASE",
}


class _Shared:
    """The stores that the threads of this process share. One that is dropped is closed when its last user has done."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._open: OrderedDict[tuple[int, str, str], tuple[Store, float]] = OrderedDict()

    def get(self, place: Place, folder: str) -> Store:
        key = (os.getpid(), place.address, folder)  # a process that was forked has connections of its own
        with self._lock:
            found = self._open.pop(key, None)
            store = found[0] if found else _hurried(place, folder)
            self._open[key] = store, time.monotonic()
            self._drop()
        return store

    def _drop(self) -> None:
        for key, (_store, used) in list(self._open.items()):
            if len(self._open) <= MOST and time.monotonic() - used < IDLE:
                return
            del self._open[key]


_shared = _Shared()


def place_of(name: str) -> Place:
    """Raises Unreachable where the administrator has taken it out of the settings."""
    try:
        place: Place = settings.BACKUP_PLACES[name]
    except KeyError:
        raise Unreachable(f"no place called {name} is declared (BACKUP_PLACES_FILE)") from None
    return place


def store_of(repository: Repository) -> Store:
    """For who waits for an answer; not to be closed by its user. Raises Unreachable."""
    if not repository.place:
        return _with_parity(repository, LocalStore(repository.path))
    return _with_parity(repository, _shared.get(place_of(repository.place), repository.repository_id))


@contextmanager
def patient(repository: Repository, *, tries: int = TRIES, within: float = math.inf) -> Iterator[Store]:
    """For work that takes its time. Small objects that were read once are kept near. Raises Unreachable."""
    if not repository.place:
        yield _with_parity(repository, LocalStore(repository.path))
        return
    place = place_of(repository.place)
    store = opened(place, repository.repository_id, tries=tries, within=within, cache=repository.cache)
    try:
        yield _with_parity(repository, store)
    finally:
        store.close()


def _with_parity(repository: Repository, store: Store) -> Store:
    return Redundant(store, repository.parity) if repository.parity else store


def opened(place: Place, folder: str = "", **wanted: Any) -> Store:
    """A store of a place, or of a folder in it, with Options. Raises BackupError in words for what is no address."""
    parts = urlsplit(place.address)
    url = urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/{folder}")) if folder else place.address
    password = "SFTP_PASSWORD" if parts.scheme == "sftp" else "WEBDAV_PASSWORD"
    names = {**SECRETS, "password_file": password}
    environment = {f"{ENVIRONMENT}{names[key]}_FILE": str(path) for key, path in place.files.items() if key in names}
    return open_store(
        url,
        Options(
            key_file=place.files.get("ssh_key_file"),
            known_hosts=place.files.get("known_hosts_file"),
            ca=place.files.get("ca_file"),
            environment=environment,
            **wanted,
        ),
    )


def erase(repository: Repository, store: Store) -> None:
    """Take a repository away with all that this server remembers of it. Raises StillLocked, before anything goes."""
    store.erase()
    for folder in (repository.cache, repository.memory):
        shutil.rmtree(folder, ignore_errors=True)


class Gate(Wrapper):
    """Lets in only so many at a time: those who wait for a slow store hold connections to the database meanwhile."""

    _room = BoundedSemaphore(ABREAST)

    def through(self, action: Callable[[], T]) -> T:
        if not self._room.acquire(timeout=AT_THE_GATE):
            raise Unreachable("too many wait for the places outside at this moment")
        try:
            return action()
        finally:
            self._room.release()


def _hurried(place: Place, folder: str) -> Store:
    inner = opened(place, folder, tries=1, within=WITHIN, in_a_row=IN_A_ROW, rest=REST)
    store = Gate(inner)
    # In a thread of its own: whoever lets go of it last may be the very thread that has to end with the connection.
    ending = weakref.finalize(store, lambda: Thread(target=inner.close, daemon=True).start())
    ending.atexit = False  # type: ignore[misc]  # threads end with the process by themselves
    return store
