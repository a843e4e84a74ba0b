"""Open a repository with a key that stays with its holder: the server keeps who, when, why and how much."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from backup.models import Opening
from backup.permissions import RESTORE
from core import access, audit
from core.errors import Fault, Invalid
from core.jobs.services import person

if TYPE_CHECKING:
    from backup.models import Repository, Snapshot
    from core.access.scope import Actor


@transaction.atomic
def open_repository(actor: Actor, repository: Repository, *, reason: str, snapshot: Snapshot | None = None) -> Opening:
    """Say why a repository is opened, before anything in it is read. Raises Invalid."""
    access.require(actor, RESTORE, repository.project, obj=snapshot or repository)
    faults = []
    if not reason.strip():
        faults.append(Fault("reason", "required", _("Say why: the audit trail keeps it.")))
    if snapshot is not None and snapshot.repository_id != repository.pk:
        faults.append(Fault("snapshot", "other", _("This backup is in another repository.")))
    if faults:
        raise Invalid(faults)
    opening = Opening.objects.create(
        project=repository.project,
        repository=repository,
        snapshot=snapshot,
        asked_by_id=person(actor),
        reason=reason.strip(),
    )
    details: dict[str, Any] = {"snapshot": snapshot.snapshot_id} if snapshot else {}
    audit.record(actor, "backup.opened", opening, reason=opening.reason, **details)
    return opening


@transaction.atomic
def took(actor: Actor, opening: Opening, *, files: int, bytes: int, left_out: int) -> Opening:  # noqa: A002
    """Add what was taken out, and what couldn't be."""
    require_own(actor, opening)
    Opening.objects.filter(pk=opening.pk).update(
        files=F("files") + files,
        bytes=F("bytes") + bytes,
        left_out=F("left_out") + left_out,
        took_at=timezone.now(),
    )
    audit.record(actor, "backup.restored", opening, files=files, bytes=bytes, left_out=left_out)
    opening.refresh_from_db()
    return opening


@transaction.atomic
def close(actor: Actor, opening: Opening) -> Opening:
    """The key is put away. Harmless to repeat."""
    require_own(actor, opening)
    opening = Opening.objects.select_for_update(of=("self",)).select_related("project").get(pk=opening.pk)
    if opening.ended_at is None:
        opening.ended_at = timezone.now()
        opening.save(update_fields=["ended_at"])
    return opening


def require_own(actor: Actor, opening: Opening) -> None:
    """Raises Refused for whoever may not restore, and for what another has opened."""
    access.require(actor, RESTORE, opening.project, obj=opening)
    if opening.asked_by_id != person(actor):
        raise access.Refused(actor, RESTORE, opening.project, opening)
