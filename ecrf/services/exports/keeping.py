"""Hand an export's file out, and let it go: its row stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import access, audit, files
from core.errors import Conflict
from ecrf.models import Export
from ecrf.services.exports import levels

if TYPE_CHECKING:
    from core.access.scope import Actor

CONTINUED = 20
"""So many exports of a form can still be continued; of older ones it is forgotten what they handed out."""


def download_export(actor: Actor, export: Export, *, told: bool = True) -> files.StoredFile:
    """The file, for who might have made it himself. Raises Refused, Conflict where there is none (any more)."""
    if not levels.may_download(actor, export):
        raise access.Refused(actor, levels.NEEDS.get(export.level, ""), export.form.project, export)
    if export.file is None:
        raise Conflict(_("This export has no file yet."), "not-made")
    if export.erased_at is not None:
        raise Conflict(_("The file of this export was erased. Ask for the export again."), "erased")
    if told:
        audit.record(
            actor,
            "ecrf.export_downloaded",
            export,
            format=export.format,
            identifiers=export.level == "full",
            level=export.level,
            digest=export.sha256,
        )
    return export.file


@transaction.atomic
def erase_export(actor: Actor, export: Export, reason: str = "") -> Export:
    """Erase the file now: who might download it may."""
    if not levels.may_download(actor, export):
        raise access.Refused(actor, levels.NEEDS.get(export.level, ""), export.form.project, export)
    return erased(actor, export, reason)


def erased(actor: Actor | None, export: Export, reason: str) -> Export:
    held = Export.objects.select_for_update(of=("self",)).select_related("file", "form__project").get(pk=export.pk)
    if held.file is None or held.erased_at is not None:
        return held
    files.erase(actor, held.file, reason)
    held.erased_at = timezone.now()
    held.save(update_fields=["erased_at"])
    audit.record(actor, "ecrf.export_erased", held, format=held.format, reason=reason)
    return held


def expire() -> int:
    """Erase the files whose time is over; gives how many."""
    old = Export.objects.filter(keep_until__lt=timezone.now(), file__isnull=False, erased_at=None)
    rows = list(old.defer("marks").select_related("form__project"))
    for export in rows:
        with transaction.atomic():
            erased(None, export, "expired")
    return len(rows)


def forget_marks(export: Export) -> None:
    """Keep what the last exports of the form handed out, and no more."""
    rows = Export.objects.filter(form=export.form).exclude(marks=b"").order_by("-created_at")
    old = list(rows.values_list("pk", flat=True)[CONTINUED:])
    if old:
        Export.objects.filter(pk__in=old).update(marks=b"")
