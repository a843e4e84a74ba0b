"""Find, make and remember the data keys. Unwrapped keys stay in this process, few and not for long."""

from __future__ import annotations

import functools
import os
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, transaction

from core.vault import engine
from core.vault.engine import Key, KeyDestroyed, Unopenable
from core.vault.models import ProjectKey
from core.vault.token import Token

if TYPE_CHECKING:
    import uuid
    from collections.abc import Mapping

    from core.access.models import Project

CACHED = 256
"""Projects whose keys one process holds."""
SECONDS = 300
"""How long it holds them: a key destroyed elsewhere serves here no longer than that."""


@dataclass(frozen=True)
class Keys:
    """The living versions of one project's key, and what makes its blind indexes."""

    by_version: Mapping[int, Key]
    index: Key | None
    destroyed: bool

    @property
    def current(self) -> Key:
        """Seals what is new."""
        return self.by_version[max(self.by_version)]


@functools.cache
def instance_keys() -> dict[int, Key]:
    """The instance keys by version: VAULT_KEY, and VAULT_OLD_KEYS to read with. Raises ImproperlyConfigured."""
    found: dict[int, Key] = {}
    for name in ("VAULT_KEY", "VAULT_OLD_KEYS"):
        try:
            more = engine.read_instance_keys(text) if (text := getattr(settings, name)) else {}
            if twice := found.keys() & more.keys():
                raise ValueError(f"version {min(twice)} is in VAULT_KEY too")
        except ValueError as error:
            raise ImproperlyConfigured(f"{name}: {error}.") from None
        found |= more
    return found


@functools.cache
def token() -> Token | None:
    """The instance key that a token keeps (PKCS11_KEY), if there is one. Raises ImproperlyConfigured."""
    if not settings.PKCS11_KEY:
        return None
    found = Token(settings.PKCS11_MODULE, settings.PKCS11_TOKEN, settings.PKCS11_PIN, settings.PKCS11_KEY)
    if found.version in instance_keys():
        raise ImproperlyConfigured(f"PKCS11_KEY: version {found.version} is in VAULT_KEY or VAULT_OLD_KEYS too.")
    return found


def wrapping_version() -> int:
    """The version of the instance key that wraps: the newest of VAULT_KEY and PKCS11_KEY, not of VAULT_OLD_KEYS."""
    versions = set(engine.read_instance_keys(settings.VAULT_KEY)) if settings.VAULT_KEY else set()
    return max(versions | ({held.version} if (held := token()) else set()))


def owner(project_id: uuid.UUID | None) -> bytes:
    return project_id.bytes if project_id else bytes(16)


def of(project_id: uuid.UUID | None, *, version: int | None = None, create: bool = False) -> Keys:
    """The keys of a project. Raises KeyDestroyed, or Unopenable where there is none (with `create`, one is made)."""
    keys = _remembered(project_id)
    if keys is None or (version is not None and version not in keys.by_version and not keys.destroyed):
        keys = _load(project_id)
        if not keys.by_version and not keys.destroyed and create:
            add(project_id, 1)
            keys = _load(project_id)
        _remember(project_id, keys)
    if keys.destroyed:
        raise KeyDestroyed
    if not keys.by_version:
        raise Unopenable
    return keys


def newest(project_id: uuid.UUID | None) -> Keys:
    """The same as the database has them now: another process may have renewed what this one remembers."""
    forget(project_id)
    return of(project_id)


def add(project_id: uuid.UUID | None, version: int) -> None:
    """Make a version of a project's key, unless another process was quicker; with the first, the index key."""
    rows = [ProjectKey(project_id=project_id, version=version)]
    if not ProjectKey.objects.filter(project=project_id).exists():
        rows.append(ProjectKey(project_id=project_id, version=1, purpose=ProjectKey.Purpose.INDEX))
    for row in rows:
        row.wrapped = wrap(row, os.urandom(engine.KEY_BYTES))
    ProjectKey.objects.bulk_create(rows, ignore_conflicts=True)
    changed(project_id)


def keep_index(project_id: uuid.UUID | None) -> None:
    """Before the first version goes: where it makes the indexes, as in older projects, keep it for that alone."""
    index = of(project_id).index
    assert index is not None
    row = ProjectKey(project_id=project_id, version=1, purpose=ProjectKey.Purpose.INDEX)
    row.wrapped = wrap(row, index.secret)
    ProjectKey.objects.bulk_create([row], ignore_conflicts=True)
    changed(project_id)


def wrap(row: ProjectKey, secret: bytes) -> bytes:
    """The data key sealed under the newest instance key."""
    version, bound_to = wrapping_version(), engine.binding(owner(row.project_id), row.context)
    if (held := token()) and held.version == version:
        return held.wrap(secret, bound_to)
    return engine.seal(instance_keys()[version], secret, bound_to)


def unwrap(row: ProjectKey) -> Key:
    """The data key. Raises Unopenable where no instance key fits."""
    bound_to = engine.binding(owner(row.project_id), row.context)
    wrapped = bytes(row.wrapped)
    if (held := token()) and held.version == engine.version_of(wrapped):
        return Key(row.version, held.unwrap(wrapped, bound_to))
    return Key(row.version, engine.open_sealed(instance_keys(), wrapped, bound_to))


def _load(project_id: uuid.UUID | None) -> Keys:
    rows = list(ProjectKey.objects.filter(project=project_id))
    data = [row for row in rows if row.purpose == ProjectKey.Purpose.DATA]
    living = {row.version: unwrap(row) for row in data if row.destroyed_at is None}
    index = [unwrap(row) for row in rows if row.purpose == ProjectKey.Purpose.INDEX and row.destroyed_at is None]
    first = living[min(living)] if living else None
    return Keys(living, index[0] if index else first, destroyed=bool(data) and not living)


# What is remembered. Keys that a transaction made or destroyed count inside it alone until it commits: were they
# remembered for everyone and the transaction rolled back, later values would be sealed under a key that is nowhere.


class _Uncommitted:
    """The keys of a project as this transaction sees them; forgotten when it commits, void when it rolls back."""

    def __init__(self, project_id: uuid.UUID | None) -> None:
        self.project_id = project_id
        self.keys: Keys | None = None

    def __call__(self) -> None:
        _mine().pop(self.project_id, None)
        forget(self.project_id)

    def counts(self) -> bool:
        """Whether the transaction that made this is still going on: Django drops it from here on rollback."""
        return any(entry[1] is self for entry in connection.run_on_commit)


_lock = threading.Lock()
_held: OrderedDict[uuid.UUID | None, tuple[float, Keys]] = OrderedDict()
_thread = threading.local()


def _mine() -> dict[uuid.UUID | None, _Uncommitted]:
    """What the transaction of this thread has changed."""
    found: dict[uuid.UUID | None, _Uncommitted] | None = getattr(_thread, "uncommitted", None)
    if found is None:
        found = _thread.uncommitted = {}
    return found


def changed(project_id: uuid.UUID | None) -> None:
    """The rows of this project's keys were written: nothing remembered of them counts any more."""
    forget(project_id)
    mark = _mine()[project_id] = _Uncommitted(project_id)
    transaction.on_commit(mark)


def forget(project_id: uuid.UUID | None) -> None:
    with _lock:
        _held.pop(project_id, None)


def _remembered(project_id: uuid.UUID | None) -> Keys | None:
    if mark := _mine().get(project_id):
        if mark.counts():
            return mark.keys
        del _mine()[project_id]
    with _lock:
        found = _held.get(project_id)
        if found is None or found[0] < time.monotonic():
            _held.pop(project_id, None)
            return None
        _held.move_to_end(project_id)
        return found[1]


def _remember(project_id: uuid.UUID | None, keys: Keys) -> None:
    if mark := _mine().get(project_id):
        mark.keys = keys
        return
    if not keys.by_version and not keys.destroyed:
        return
    with _lock:
        _held[project_id] = (time.monotonic() + SECONDS, keys)
        while len(_held) > CACHED:
            _held.popitem(last=False)


def give_key(instance: Project, created: bool, raw: bool = False, **_signal: Any) -> None:
    """Every project has its key from its first moment on."""
    if created and not raw:
        add(instance.pk, 1)


def give_instance_key(**_signal: Any) -> None:
    """The instance has its data key once its table is there."""
    with _lock:
        _held.clear()
    add(None, 1)
