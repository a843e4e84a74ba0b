"""Load an edition of the reference data, and say which one is read with. For those who run the instance."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit, files, jobs
from core.access.people import require_administrator
from core.errors import Conflict, Fault, Invalid
from prescriptions.engine.reference import athena, storing
from prescriptions.models import Reference
from prescriptions.queries import LOADING
from prescriptions.services import fetching

if TYPE_CHECKING:
    from core.access.scope import Actor
    from core.accounts.models import User
    from core.files.models import StoredFile
    from core.jobs.models import Job
    from prescriptions.engine.reference.catalogue import Reference as Edition

MANAGE = "access.manage_instance"
TASK = LOADING
NAME = "BDPM"
ARCHIVE = "reference-archive"


@transaction.atomic
def load_reference(actor: User, edition: str, *, address: str = "", archive: StoredFile | None = None) -> Job:
    """Have the official files made into an edition, by a job: from an address, or from a stored archive of them.

    `edition` is the date that the publisher gives; without one, an address is of today. Raises Invalid.
    """
    require_administrator(actor, MANAGE)
    edition = checked_edition(edition) or (timezone.localdate().isoformat() if archive is None else "undated")
    if archive is None:
        fetching.check(address)
    arguments = {"edition": edition, "address": address, "archive": str(archive.pk) if archive else ""}
    audit.record(actor, "prescriptions.reference_asked", edition=edition)
    return jobs.submit(actor, TASK, arguments=arguments, unique="reference")


def checked_edition(edition: str) -> str:
    """The date as ISO, or nothing. Raises Invalid for what is neither."""
    try:
        return dt.date.fromisoformat(edition.strip()).isoformat() if edition.strip() else ""
    except ValueError:
        message = _("Say the date as in 2026-05-26.")
        raise Invalid([Fault("edition", "date", message)]) from None


def keep_reference(actor: Actor | None, made: Edition, source: str, data: bytes = b"") -> Reference:
    """Keep an edition and read with it from now on; the same again changes nothing but which one is current.

    The caller has asked whether the actor may: the job did when it was submitted, a command speaks for the machine.
    `data` is its file, where somebody has written it already.
    """
    about = made.about
    about_row = {"made_from": about.sha256, "attribution": about.source, "licence": about.licence}
    data = data or storing.dump(made)
    return _keep(actor, Reference.Kind.MEDICINES, about.name, about.edition, data, len(made), source, **about_row)


def keep_concepts(actor: Actor | None, concepts: athena.Concepts, source: str) -> Reference:
    """The same for OMOP concepts."""
    row = {"attribution": "OHDSI Athena", "licence": ""}
    data = athena.dump(concepts)
    return _keep(actor, Reference.Kind.CONCEPTS, "Athena", concepts.edition, data, len(concepts), source, **row)


def _keep(
    actor: Actor | None, kind: str, name: str, edition: str, data: bytes, count: int, source: str, **about: str
) -> Reference:
    digest = hashlib.sha256(data).hexdigest()
    stored = None
    if not Reference.objects.filter(digest=digest).exists():
        stored = files.store(actor, None, io.BytesIO(data), name=f"{name} {edition}", kind="reference")
    try:
        with transaction.atomic():
            row = Reference.objects.filter(digest=digest).first()
            if row is None:
                row = Reference.objects.create(
                    kind=kind, name=name, edition=_free(kind, name, edition), digest=digest, file=stored, count=count,
                    source=source[:300], loaded_by_id=actor.pk if actor else None, **about,
                )  # fmt: skip
                audit.record(
                    actor, "prescriptions.reference_loaded", row, edition=row.edition, products=count, digest=digest
                )
                stored = None
            _make_current(row)
    finally:
        if stored is not None:
            files.discard(stored)
    return row


def _free(kind: str, name: str, edition: str) -> str:
    """Readings name their edition: one that is made anew from the same files, by a newer version, has a number."""
    taken = set(Reference.objects.filter(kind=kind, name=name).values_list("edition", flat=True))
    numbered = (edition, *(f"{edition} ({number})" for number in range(2, len(taken) + 3)))
    return next(one for one in numbered if one not in taken)[:40]


def _make_current(row: Reference) -> None:
    rows = Reference.objects.select_for_update(of=("self",)).filter(kind=row.kind, is_current=True)
    for other in rows.exclude(pk=row.pk):
        other.is_current = False
        other.save(update_fields=["is_current"])
    if not row.is_current:
        row.is_current = True
        row.save(update_fields=["is_current"])


@transaction.atomic
def use_reference(actor: User, reference: Reference) -> Reference:
    """Read with this edition from now on. What was read before stays as it is. Raises Conflict without its file."""
    require_administrator(actor, MANAGE)
    reference = Reference.objects.select_for_update(of=("self",)).get(pk=reference.pk)
    if reference.file_id is None:
        raise Conflict(_("This edition was loaded by a former version: load it again."), "no-file")
    if not reference.is_current:
        _make_current(reference)
        audit.record(actor, "prescriptions.reference_chosen", reference, edition=reference.edition)
    return reference
