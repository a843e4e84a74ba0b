"""Take in repositories that people founded, see that their keys are kept, change what is the portal's own of them."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backup.engine import repository as engine
from backup.engine.errors import BackupError, StillLocked
from backup.engine.format import keyfile, layout
from backup.engine.founding import Founding, Taken, Unfit, examine
from backup.models import Repository
from backup.permissions import MANAGE, RESTORE
from backup.services import places, protecting, stores
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

UNFIT = {
    "damaged": gettext_lazy("This isn’t what belongs here, or not whole, or there is more in it."),
    "protected": gettext_lazy("The server can’t use a key that a passphrase protects."),
    "reads": gettext_lazy("This key opens what is saved, or makes others that do. The server takes none of this kind."),
    "role": gettext_lazy("This key is for something else."),
    "other": gettext_lazy("This key is of another repository."),
    "badge": gettext_lazy("The badge in this key isn’t its own."),
    "control": gettext_lazy("A control code has eight signs, for example 12AB-34CD."),
}
"""What is wrong with a part of a founding (backup.engine.founding), in words."""


def register_repository(
    actor: Actor,
    project: Project,
    *,
    name: str,
    founding: Founding,
    folder: str = "",
    quota: int | None = None,
    code: str = "",
) -> Repository:
    """Take in a repository that somebody has founded where the server doesn't look; the master key stays with him.

    With the control code, as it was read from what he keeps, his key is confirmed as well, or nothing is done at all.
    Who holds that key reads all that is ever saved: the actor must be one who may. Raises Invalid.
    """
    access.require(actor, MANAGE, project)
    access.require(actor, RESTORE, project)
    row = Repository(
        project=project,
        name=name.strip(),
        folder=folder,
        quota=quota,
        control_code=founding.control_code,
        has_passphrase=founding.has_passphrase,
        created_by_id=person(actor),
    )
    faults = _faults(row)
    try:
        places.check(folder)
    except Invalid as error:
        faults += error.faults
    try:
        taken = examine(founding)
    except Unfit as error:
        raise Invalid([*faults, *(Fault(place, why, UNFIT[why]) for place, why in error.faults.items())]) from None
    if Repository.objects.filter(repository_id=taken.config.repository.hex()).exists():
        faults.append(_taken())
    if faults:
        raise Invalid(faults)
    _fill(row, founding, taken)
    with ExitStack() as undone:
        with transaction.atomic():
            _insert(row)
            _prepare(row, founding, taken, undone)
            _record(actor, row)
            if code:
                row = confirm_key(actor, row, code)
        undone.pop_all()
    return row


def _record(actor: Actor, row: Repository) -> None:
    audit.record(
        actor,
        "backup.repository_created",
        row,
        protected=row.has_passphrase,
        outside=not row.is_beside_the_data,
        isolated=row.isolated,
        saves_here=row.saves_here,
    )


def _fill(row: Repository, founding: Founding, taken: Taken) -> None:
    """What is kept of a founding: keys written out anew, so that nothing is kept that wasn't looked at."""
    row.repository_id = taken.config.repository.hex()
    row.lister_key = keyfile.dump(taken.lister)
    row.writer_key = keyfile.dump(taken.writer) if taken.writer else ""
    row.isolated = taken.config.isolated
    row.used = sum(map(len, _objects(founding, taken).values()))


def _objects(founding: Founding, taken: Taken) -> dict[str, bytes]:
    """With which objects the repository begins, by their names."""
    badges = [key.badge for key in (taken.lister, taken.writer) if key and key.badge]
    return {
        layout.config_name(1): founding.config,
        **{layout.badge_name(badge.key_id): badge.raw for badge in badges},
    }


def _faults(row: Repository) -> list[Fault]:
    """What is wrong with that of a row which people choose."""
    faults = []
    if row.quota == 0:
        faults.append(Fault("quota", "range", _("A repository needs some room. Leave it empty for no limit.")))
    try:
        validated(row, leave_out=("folder", "repository_id", "control_code", "writer_key", "lister_key"))
    except Invalid as error:
        faults += error.faults
    return faults


def _taken() -> Fault:
    return Fault("config", "taken", _("This repository is registered already. Found another one, with a new key."))


def _insert(row: Repository) -> None:
    """Before anything of it is on the disk: of two who register the same at once, the other has nothing to undo."""
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise Invalid(_faults(row) or [_taken()]) from error


def _prepare(row: Repository, founding: Founding, taken: Taken, undone: ExitStack) -> None:
    """Make the place of the repository with its first objects. What was there before stays. Raises Invalid."""
    is_new = not row.place and not row.path.exists()
    try:
        store = stores.store_of(row)
        if is_new:  # what a preparation that breaks off leaves goes too
            undone.callback(_undo, row)
        store.prepare()
        if not is_new:
            undone.callback(_undo, row)
        for name, raw in _objects(founding, taken).items():
            store.create(name, [raw])
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
def change_repository(
    actor: Actor, repository: Repository, *, name: str, quota: int | None, parity: int = 0
) -> Repository:
    """Give it another name, another quota, or parity. What is stored beyond a smaller quota stays. Raises Invalid.

    Where parity is to be kept from now on, a job adds it to what is there.
    """
    access.require(actor, MANAGE, repository.project, obj=repository)
    repository = Repository.objects.select_for_update(of=("self",)).select_related("project").get(pk=repository.pk)
    before = repository.parity
    if (name.strip(), quota, parity) == (repository.name, repository.quota, before):
        return repository
    repository.name, repository.quota, repository.parity = name.strip(), quota, parity
    if faults := _faults(repository):
        raise Invalid(faults)
    repository.save(update_fields=["name", "quota", "parity"])
    audit.record(actor, "backup.repository_changed", repository, quota=quota, parity=parity)
    if parity and not before:
        protecting.begin(actor, repository)
    return repository


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
