"""Make repositories, hand over their key once, and see that it is kept."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from backup.engine import repository as engine
from backup.engine.errors import BackupError, StillLocked
from backup.engine.format import keyfile, keys
from backup.engine.format.keys import Role
from backup.models import Repository
from backup.permissions import MANAGE, RESTORE
from backup.services import places, stores
from backup.services.checking import validated
from backup.services.refusing import reached
from core import access, audit
from core.errors import Conflict, Fault, Invalid
from core.jobs.services import person

if TYPE_CHECKING:
    from backup.engine.stores.base import Store
    from core.access.models import Project
    from core.access.scope import Actor

logger = logging.getLogger(__name__)

SHORTEST_PASSPHRASE = 12


@dataclass(frozen=True, repr=False)
class Created:
    """A new repository and its master keyfile, which exists only here and in the answer to who asked."""

    repository: Repository
    keyfile: str


def create_repository(actor: Actor, project: Project, *, name: str, folder: str = "", passphrase: str = "") -> Created:
    """Make a repository; give its master keyfile, which the server doesn't keep. Raises Invalid.

    Who holds that file reads all that is ever saved: the actor must be one who may.
    """
    access.require(actor, MANAGE, project)
    access.require(actor, RESTORE, project)
    if passphrase and len(passphrase) < SHORTEST_PASSPHRASE:
        message = _("Take at least %(count)d characters, or none.") % {"count": SHORTEST_PASSPHRASE}
        raise Invalid([Fault("passphrase", "too_short", message)])
    places.check(folder)
    master = keys.master(os.urandom(32), os.urandom(16))
    text = keyfile.dump(master, passphrase)
    row = Repository(
        project=project,
        name=name.strip(),
        folder=folder,
        repository_id=master.repository.hex(),
        control_code=keyfile.control_code(keyfile.to_binary(text)),
        has_passphrase=bool(passphrase),
        created_by_id=person(actor),
    )
    validated(row, leave_out=("writer_key",))
    with transaction.atomic(), ExitStack() as undone:
        undone.callback(_undo, row)
        writer, lister = _prepare(row, master)
        row.writer_key, row.lister_key = keyfile.dump(writer), keyfile.dump(lister)
        row.save(force_insert=True)
        audit.record(actor, "backup.repository_created", row, protected=bool(passphrase), outside=bool(folder))
        undone.pop_all()
    return Created(row, text)


def _prepare(row: Repository, master: keys.Key) -> tuple[keys.Key, keys.Key]:
    """Make the repository; the keys with which the server adds to it, and looks at its log. Raises Invalid."""
    try:
        store = stores.store_of(row)
        store.prepare()
        made = engine.Repository.create(store, master, now=time.time_ns())
        label, now = f"suite {settings.PUBLIC_URL}", time.time_ns()
        return made.derive(Role.WRITER, label=label, now=now), made.derive(Role.LISTER, label=label, now=now)
    except (BackupError, OSError) as error:
        cause = error if isinstance(error, OSError) else error.__cause__
        why = cause.strerror if isinstance(cause, OSError) else str(error)
        if row.place:  # what a server says of itself is for the log of the administrator, who declared it
            logger.warning("place %s can't be used: %s", row.place, why)
            message = _("This place can’t be used at the moment. Tell the administrator, or choose another one.")
        else:
            message = _("The folder can't be used: %(why)s.") % {"why": why}
        raise Invalid([Fault("folder", "unusable", message)]) from error


def _undo(row: Repository) -> None:
    """Take away what was begun of a repository that came to nothing. What can't be taken away holds nothing."""
    with suppress(BackupError, OSError):
        stores.erase(row, stores.store_of(row))


@transaction.atomic
def confirm_key(actor: Actor, repository: Repository, code: str) -> Repository:
    """Take the control code, which stands only in the keyfile, as proof that the file is kept. Raises Invalid."""
    access.require(actor, MANAGE, repository.project, obj=repository)
    repository = Repository.objects.select_for_update(of=("self",)).select_related("project").get(pk=repository.pk)
    if repository.is_confirmed:
        return repository
    if code.strip().upper().replace(" ", "").replace("-", "") != repository.control_code.replace("-", ""):
        message = _("This isn't the control code of this key. Open the file you saved: it stands after “Control”.")
        raise Invalid([Fault("code", "wrong", message)])
    repository.confirmed_at = timezone.now()
    repository.confirmed_by_id = actor.pk
    repository.save(update_fields=["confirmed_at", "confirmed_by"])
    audit.record(actor, "backup.key_confirmed", repository)
    return repository


@transaction.atomic
def discard_repository(actor: Actor, repository: Repository) -> None:
    """Take away a repository whose key was never confirmed: nothing was ever saved in it. Raises Conflict, Away."""
    access.require(actor, MANAGE, repository.project, obj=repository)
    repository = Repository.objects.select_for_update(of=("self",)).select_related("project").get(pk=repository.pk)
    if repository.is_confirmed or repository.snapshots.exists() or repository.plans.exists():
        raise Conflict(_("This repository is in use: it can't be discarded."), "in-use")
    audit.record(actor, "backup.repository_discarded", repository)
    repository.delete()
    with reached(), _unlocked():
        stores.erase(repository, stores.store_of(repository))  # last: where it fails, all stays as it was


def opened(repository: Repository, store: Store) -> engine.Repository:
    """The repository with the key that may only add. Raises the engine's errors."""
    return engine.Repository.open(store, keyfile.load(repository.writer_key))


def erase(project: Project) -> dict[str, int]:
    """With its project, every repository goes that the server can reach; what people hold elsewhere they delete.

    Raises Conflict where a place keeps what is locked until a date, and Away: tried again, the erasure goes on.
    """
    count = 0
    for row in Repository.objects.filter(project=project):
        if row.place or row.path.is_dir():
            with reached(), _unlocked(), stores.patient(row) as store:
                stores.erase(row, store)
            count += 1
    return {"backup.folders": count}


@contextmanager
def _unlocked() -> Iterator[None]:
    """Raises Conflict that says until when something is locked."""
    try:
        yield
    except StillLocked as error:
        until = datetime.fromtimestamp(error.until / 10**9, UTC)
        message = _("The place of this repository keeps what is in it, whoever asks, until %(until)s. Try again then.")
        raise Conflict(message % {"until": formats.localize(timezone.localtime(until))}, "locked") from error
