"""Put a list of medicines into the database and use it from now on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.db import transaction

from core import audit
from prescriptions import engine
from prescriptions.models import Medicine, Reference
from prescriptions.services.documents import person

if TYPE_CHECKING:
    from core.access.scope import Actor


@transaction.atomic
def load_reference(actor: Actor | None, name: str, edition: str, terms: Sequence[engine.Term]) -> Reference:
    """Keep these names as an edition of their own and make it the current one; the same names again change nothing.

    For whoever runs the machine: there is no page or API for it.
    """
    rows = sorted({term.name: (term.name, term.atc, term.kind) for term in terms if len(term.name) <= 200}.values())
    digest = hashlib.sha256(json.dumps(rows, ensure_ascii=False).encode()).hexdigest()
    reference = Reference.objects.filter(digest=digest).first()
    if reference is None:
        reference = Reference.objects.create(
            name=name, edition=edition, digest=digest, count=len(rows), loaded_by=person(actor) if actor else None
        )
        Medicine.objects.bulk_create(
            [Medicine(reference=reference, name=term, atc=atc, kind=kind) for term, atc, kind in rows], batch_size=2000
        )
        audit.record(
            actor, "prescriptions.reference_loaded", reference, edition=edition, names=len(rows), digest=digest
        )
    Reference.objects.filter(is_current=True).exclude(pk=reference.pk).update(is_current=False)
    if not reference.is_current:
        reference.is_current = True
        reference.save(update_fields=["is_current"])
    return reference
