"""The portal as a store: who may do what with which objects, whole or not at all, within the quota."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from enum import StrEnum
from typing import TYPE_CHECKING

import redis
from blake3 import blake3
from django.core.cache import cache
from django.db import connection, transaction
from django.db.models import F, Q, Value
from django.db.models.functions import Greatest
from django.utils.translation import gettext as _

from backup.engine.checking.onlooker import look_on
from backup.engine.errors import AlreadyThere, Damaged, Missing, Unreachable
from backup.engine.format import chain as links
from backup.engine.format import layout
from backup.engine.format.keys import Badge
from backup.engine.stores.paging import page
from backup.engine.stores.portal import LARGEST
from backup.models import Agent, Repository
from backup.permissions import RESTORE, VIEW
from backup.services import allowances, stores
from backup.services.aside import aside, each
from backup.services.refusing import reached
from core import access, audit
from core.errors import Fault, Invalid, NoRoom, Refusal

if TYPE_CHECKING:
    from uuid import UUID

    from backup.engine.stores.base import Listed
    from core.access.scope import Actor

PIECE, FAR_PIECE = 1 << 20, 8 << 20
"""Bytes that are read at once; more where each reading is a way over the network."""
ONE_EVENT = 3600
"""Seconds for which all of its kind that somebody does to a repository is one event of the audit trail."""
MOST_URGENT = 256 << 20
"""Bytes of acts of one key that are taken though the quota is used up."""
KINDS = {
    "config": layout.CONFIG,
    "keys": layout.BADGE,
    "packs": layout.DATA_PACK + layout.META_PACK,
    "index": layout.INDEX,
    "manifests": layout.MANIFEST,
    "snapshots": layout.SNAPSHOT,
    "acts": layout.ACT,
}
"""What an object of each folder begins with."""


class Act(StrEnum):
    LIST = "list"
    READ = "read"
    CREATE = "create"
    DELETE = "delete"


class Whose(StrEnum):
    ANYBODYS = "anybody's"
    OWN = "its own"
    """Those below the id of the key that the agent works with."""


ALL = dict.fromkeys(layout.FOLDERS, Whose.ANYBODYS)
NONE: Mapping[str, Whose] = {}
MAY: Mapping[Agent.Duty, Mapping[Act, Mapping[str, Whose]]] = {
    Agent.Duty.SAVE: {
        Act.LIST: ALL,
        Act.READ: dict.fromkeys(("config", "keys", "acts", "manifests", "index"), Whose.ANYBODYS)
        | {"snapshots": Whose.OWN},
        Act.CREATE: {"packs": Whose.ANYBODYS, "index": Whose.ANYBODYS, "snapshots": Whose.OWN},
        Act.DELETE: NONE,
    },
    Agent.Duty.CHECK: {
        Act.LIST: ALL,
        Act.READ: ALL,
        Act.CREATE: {"manifests": Whose.ANYBODYS, "acts": Whose.OWN},
        Act.DELETE: NONE,
    },
    Agent.Duty.KEEP: {
        Act.LIST: ALL,
        Act.READ: ALL,
        Act.CREATE: {
            "packs": Whose.ANYBODYS,
            "index": Whose.ANYBODYS,
            "manifests": Whose.ANYBODYS,
            "acts": Whose.OWN,
        },
        Act.DELETE: dict.fromkeys(("packs", "index", "snapshots", "manifests", "parity"), Whose.ANYBODYS),
    },
}
"""What the token of an agent opens, by its duty: no more than its keyfile can use."""


class BeyondDuty(Refusal):
    """An agent asks for what its duty doesn't cover: recorded once an hour for each act and folder."""

    def __init__(self, agent: Agent, act: Act, folder: str) -> None:
        self.agent, self.act = agent, act
        self.folder = folder if folder in layout.FOLDERS else "unknown"
        super().__init__(act.value)

    def record(self) -> None:
        if _is_first(f"beyond:{self.agent.pk}:{self.act}:{self.folder}"):
            what = self.act.value
            audit.record(None, "backup.agent_refused", self.agent, outcome="refused", act=what, folder=self.folder)


class OnlyReads(Refusal):
    """A person wants to change objects, which only agents do."""

    def __init__(self, actor: Actor, repository: Repository, act: Act) -> None:
        self.actor, self.repository, self.act = actor, repository, act
        super().__init__(act.value)

    def record(self) -> None:
        audit.record(self.actor, "backup.objects_refused", self.repository, outcome="refused", act=self.act.value)


class OverQuota(NoRoom):
    """The repository holds as much as it may, or all of its organisation do together."""


def repository_of(agent: Agent, pk: UUID) -> Repository | None:
    """The repository of this id, if it is the agent's own."""
    return agent.repository if agent.repository_id == pk else None


def readable(actor: Actor, pk: UUID) -> Repository:
    """The repository for somebody who may restore from it. Raises Http404 for a stranger, Refused for others."""
    repository: Repository = access.fetch(Repository.objects.select_related("project"), actor, VIEW, pk=pk)
    access.require(actor, RESTORE, repository.project, obj=repository)
    return repository


def note_reading(actor: Actor, repository: Repository) -> None:
    """Record that somebody reads, once an hour for a person and a repository: a restore reads thousands of objects."""
    if _is_first(f"objects:{actor.pk}:{repository.pk}"):
        audit.record(actor, "backup.objects_read", repository)


def require(agent: Agent, act: Act, folder: str, below: str = "") -> None:
    """Go on only if this is of the agent's duty; `below` is the folder in the folder. Raises BeyondDuty.

    Before it has its key it may look, as `agent key` does, and change nothing.
    """
    whose = MAY[Agent.Duty(agent.duty)][act].get(folder)
    is_its = whose is Whose.ANYBODYS or (whose is Whose.OWN and below == agent.key_id)
    if not is_its or not (agent.key_id or act in (Act.LIST, Act.READ)):
        raise BeyondDuty(agent, act, folder)


def listing(repository: Repository, folder: str, after: str, most: int) -> tuple[list[Listed], str | None]:
    """Up to so many objects whose names come after this one, in the order of names, and after which to go on."""
    return page(stores.store_of(repository), folder, after, most)


def size_of(repository: Repository, name: str) -> int:
    """Raises Missing."""
    return stores.store_of(repository).look(name).size


def pieces(repository: Repository, name: str, wanted: range) -> Iterator[bytes]:
    store, length = stores.store_of(repository), FAR_PIECE if repository.place else PIECE
    for start in range(wanted.start, wanted.stop, length):
        yield store.read(name, start, min(length, wanted.stop - start))


def create(agent: Agent, name: str, received: Iterable[bytes]) -> None:
    """Keep a new object of an agent's repository. Raises Invalid, OverQuota, and what a store raises.

    What is named by its content is hashed as it comes in. What a key signs is looked at: a stolen token without its
    keyfile adds no snapshot and no act.
    """
    repository, folder = agent.repository, name.partition("/")[0]
    parts, digest = _taken(received)
    size = sum(map(len, parts))
    _check(agent, name, parts, digest)
    store = stores.store_of(repository)
    is_urgent = folder == "acts"  # what is said of packs leads to room: it finds some where there is none
    try:
        _reserve(repository, size)
    except OverQuota:
        with suppress(Missing):
            store.look(name)
            raise AlreadyThere(name) from None  # which takes no room
        if not is_urgent or size + _acts_of(agent) > MOST_URGENT:
            raise
        count(repository, size)
    try:
        store.create(name, parts, urgent=is_urgent)
    except BaseException:
        count(repository, -size)
        raise
    if repository.parity:
        with suppress(Missing):
            count(repository, store.look(layout.parity_name(name)).size)


def delete(agent: Agent, name: str) -> None:
    """Take an object away, for good. One that isn't there is no error. Raises BeyondDuty for a key that was revoked."""
    repository, folder = agent.repository, name.partition("/")[0]
    try:
        _badge_of(agent)
    except Damaged as error:
        raise BeyondDuty(agent, Act.DELETE, folder) from error
    except Missing as error:
        raise Unreachable(f"{repository.folder} isn't there: is its disk connected?") from error
    with transaction.atomic():
        _alone_with(repository, name)  # what two delete is counted once; who puts others needn't wait for a slow place
        try:
            size = size_of(repository, name)
        except Missing:
            return
        stores.store_of(repository).delete(name)
        count(repository, -size)
    if _is_first(f"deleted:{agent.pk}:{folder}"):
        audit.record(None, "backup.objects_deleted", agent, folder=folder)


def count(repository: Repository, size: int) -> None:
    """Count bytes that came or went."""
    used = Greatest(F("used") + size, Value(0))
    Repository.objects.filter(pk=repository.pk).update(used=used)


def measure_all() -> None:
    """Count anew what every repository takes: the server saves into it too, and a crash leaves a wrong count."""
    every = list(Repository.objects.all())
    for repository in every:
        if not repository.place and repository.path.is_dir():
            measure(repository)
    if far := [repository for repository in every if repository.place]:
        aside("measure", lambda: each(measure, far))


def measure(repository: Repository) -> None:
    """Count what one repository takes. Raises what a store raises."""
    with stores.patient(repository, **stores.STEADY) as store:
        used = sum(one.size for folder in layout.FOLDERS for one in store.list(folder))
    Repository.objects.filter(pk=repository.pk).update(used=used)


def verified_badge(repository: Repository, raw: bytes) -> Badge:
    """A badge that the master of this repository signed. Raises Damaged, and Away."""
    with reached():
        opened = look_on(stores.store_of(repository))
    name = "badge"
    badge = Badge.parse(raw, opened.config.repository, opened.config.master, name)
    if badge.key_id in opened.config.revoked:
        raise Damaged(name, "of a key that was revoked")
    return badge


def _badge_of(agent: Agent) -> Badge:
    """Of the key that an agent works with. Raises Missing, and Damaged where it was revoked."""
    name = layout.badge_name(bytes.fromhex(agent.key_id))
    return verified_badge(agent.repository, stores.store_of(agent.repository).read(name))


def _alone_with(repository: Repository, name: str) -> None:
    """Until the transaction ends nobody else deletes this object."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"{repository.pk}/{name}"])


def _is_first(mark: str) -> bool:
    """Whether this is the first of its kind within an hour; where nothing remembers, each is."""
    try:
        return bool(cache.add(f"backup.{mark}", 1, ONE_EVENT))
    except redis.RedisError:
        return True


def _taken(received: Iterable[bytes]) -> tuple[list[bytes], str]:
    """What came, and its BLAKE3 in hex. Raises Invalid for too much."""
    parts: list[bytes] = []
    state = blake3()
    size = 0
    for piece in received:
        size += len(piece)
        if size > LARGEST:
            raise Invalid([Fault("body", "too-large", _("An object has 32 MiB at most."))])
        state.update(piece)
        parts.append(piece)
    return parts, state.hexdigest()


def _check(agent: Agent, name: str, parts: list[bytes], digest: str) -> None:
    """Raises Invalid for bytes that can't be the object of this name."""
    folder, *_below, last = name.split("/")
    try:
        layout.parse(b"".join(parts[:1]), KINDS[folder], bytes.fromhex(agent.repository.repository_id), name)
        if folder in layout.HASHED and digest != last:
            raise Damaged(name, "its bytes aren't those of its name")
        if folder in ("snapshots", "acts"):
            verify = _badge_of(agent).verify
            repository_id = bytes.fromhex(agent.repository.repository_id)
            links.read_head(b"".join(parts), KINDS[folder], verify, repository_id, name)
    except (Damaged, Missing) as error:
        raise Invalid([Fault("body", "damaged", str(error))]) from error


def _reserve(repository: Repository, size: int) -> None:
    """Take room of the quota and of the organisation's allowance, before anything is written. Raises OverQuota."""
    rows = Repository.objects.filter(pk=repository.pk).filter(Q(quota=None) | Q(quota__gte=F("used") + size))
    with transaction.atomic():
        if not allowances.has_room(repository, size) or not rows.update(used=F("used") + size):
            raise OverQuota


def _acts_of(agent: Agent) -> int:
    """Bytes of all that the agent's key has said."""
    return sum(one.size for one in stores.store_of(agent.repository).list(f"acts/{agent.key_id}"))
