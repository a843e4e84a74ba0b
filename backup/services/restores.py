"""Bring a snapshot back with the key that only people hold."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from backup.engine import repository as engine
from backup.engine.errors import BackupError, BadKeyfile, PassphraseNeeded
from backup.engine.format import keyfile, keys
from backup.engine.format.keys import Key, Role
from backup.engine.reading import archive
from backup.engine.reading.catalogue import Catalogue
from backup.engine.stores.local import LocalStore
from backup.models import Restore, Snapshot
from backup.permissions import RESTORE
from backup.services.contents import RESTORED
from backup.services.tidying import tidy
from core import access, audit, files, jobs, vault
from core.accounts.models import User
from core.errors import Conflict, Fault, Invalid
from core.jobs.services import person

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.access.scope import Actor
    from core.files.models import StoredFile
    from core.jobs import Run

TASK = "backup.restore"
KEPT = timedelta(days=1)
"""How long what was restored can be fetched."""


@transaction.atomic
def restore(actor: Actor, snapshot: Snapshot, *, key: str, passphrase: str = "", reason: str) -> Restore:
    """Ask for a restore with the text of a keyfile. Raises Invalid.

    Of a master key only a new reading key is held, sealed, until the job has ended.
    """
    access.require(actor, RESTORE, snapshot.project, obj=snapshot)
    faults = []
    if not reason.strip():
        faults.append(Fault("reason", "required", _("Say why: the audit trail keeps it.")))
    try:
        reader = reading_key(keyfile.load(key, passphrase), snapshot)
    except PassphraseNeeded:
        message = _("This keyfile is protected: type its passphrase.")
        wrong = _("The passphrase is wrong.")
        faults.append(Fault("passphrase", "wrong", wrong if passphrase else message))
    except BadKeyfile:
        faults.append(Fault("key", "damaged", _("This isn’t a whole keyfile. Choose the file you saved.")))
    except BackupError:
        faults.append(Fault("key", "other", _("This key doesn’t open this repository.")))
    if faults:
        raise Invalid(faults)
    row = Restore(project=snapshot.project, snapshot=snapshot, asked_by_id=person(actor), reason=reason.strip())
    row.sealed_key = vault.seal(snapshot.project, keyfile.dump(reader).encode(), row.key_context)
    row.save(force_insert=True)
    row.job = jobs.submit(
        actor, TASK, project=snapshot.project, arguments={"restore": str(row.pk)}, subject=row, unique=f"{row.pk}"
    )
    row.save(update_fields=["job"])
    audit.record(actor, "backup.restore_asked", row, reason=row.reason, snapshot=snapshot.snapshot_id)
    return row


def reading_key(key: Key, snapshot: Snapshot) -> Key:
    """The least that restores: a reader key. Raises KeyRefused for a foreign key or one that reads nothing."""
    opened = engine.Repository.open(LocalStore(snapshot.repository.path), key)
    opened.key.require(Role.MASTER, Role.READER, Role.VERIFIER)
    if key.role is Role.MASTER:
        return keys.derive(key, Role.READER, label="restore", created=0, epoch=opened.config.epoch.number)
    return key


def work(run: Run, restore_id: str) -> dict[str, Any]:
    """Write the snapshot into an encrypted archive, read it back, compare every file, drop the key."""
    row = Restore.objects.select_related("project", "snapshot__repository").get(pk=restore_id)
    try:
        access.require(run.actor, RESTORE, row.project, obj=row)
        if not row.sealed_key:
            raise Conflict(_("The key is held for one attempt only. Ask for the restore again."), "key-gone")
        return _work(run, row)
    finally:
        Restore.objects.filter(pk=row.pk).update(sealed_key=b"", ended_at=timezone.now())


def _work(run: Run, row: Restore) -> dict[str, Any]:
    tidy(row.project, but=row)
    text = vault.open(row.project, bytes(row.sealed_key), row.key_context).decode()
    repository = engine.Repository.open(LocalStore(row.snapshot.repository.path), keyfile.load(text))
    run.progress(0, None, _("Reading the list of what was saved"))
    catalogue = Catalogue(repository, repository.snapshot(bytes.fromhex(row.snapshot.snapshot_id)))
    total = max(2 * row.snapshot.bytes, 1)
    name = f"{row.project.slug}-{row.snapshot.short_id}.zip"
    with files.create(run.actor, row.project, name=name, media_type="application/zip", kind=RESTORED) as draft:
        written = archive.write(
            catalogue, draft, progress=lambda done: run.progress(done, total, _("Restoring and verifying"))
        )
    stored = draft.stored
    assert stored is not None
    try:
        _offer(run, row, stored, written, total)
    except BaseException:
        files.discard(stored)  # what no restore refers to would be kept for ever
        raise
    return {
        "files": row.files,
        "identical": row.identical,
        "problems": len(row.problems),
        "url_name": "backup:restore",
        "url_args": [row.project.slug, str(row.pk)],
    }


def _offer(run: Run, row: Restore, stored: StoredFile, written: archive.Archive, total: int) -> None:
    """Read the archive back, compare, and give it to the restore."""
    with files.open(stored) as back:
        same = archive.identical(
            back,
            written.expected,
            progress=lambda done: run.progress(written.bytes + done, total, _("Reading back and comparing")),
        )
    problems = written.problems + [f"{path}: differs" for path in written.expected if path not in same]
    with run.fenced():
        row.archive = stored
        row.expires_at = timezone.now() + KEPT
        row.files, row.bytes, row.identical = written.files, written.bytes, len(same)
        row.problems = list(dict.fromkeys(problems))
        row.save(update_fields=["archive", "expires_at", "files", "bytes", "identical", "problems"])
        audit.record(
            run.actor,
            "backup.restore_done",
            row,
            snapshot=row.snapshot.snapshot_id,
            files=row.files,
            identical=row.identical,
            bytes=row.bytes,
            problems=len(row.problems),
        )


def download(actor: Actor, row: Restore, is_new: Callable[[StoredFile], bool] = bool) -> StoredFile:
    """The archive, to be sent. Recorded, unless it goes on with a download that was. Raises Conflict once expired."""
    access.require(actor, RESTORE, row.project, obj=row)
    if not row.can_be_fetched or row.archive is None:
        raise Conflict(_("This download has expired. Ask for the restore again."), "expired")
    if is_new(row.archive):
        audit.record(actor, "backup.restore_downloaded", row, files=row.files, bytes=row.bytes)
    return row.archive


@transaction.atomic
def erase(actor: Actor, row: Restore) -> None:
    """Erase what was restored before it expires by itself."""
    access.require(actor, RESTORE, row.project, obj=row)
    row = Restore.objects.select_for_update(of=("self",)).select_related("project").get(pk=row.pk)
    if row.archive is None:
        return
    stored, row.archive = row.archive, None
    row.save(update_fields=["archive"])
    audit.record(actor, "backup.restore_erased", row)
    files.erase(actor if isinstance(actor, User) else None, stored, reason="restore")
