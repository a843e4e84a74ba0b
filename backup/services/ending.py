"""Remove sealed files that nobody can fetch any more."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F, Max, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from backup.models import Send, SendPiece
from backup.models.sends import FETCHING, FORGOTTEN
from backup.services import pieces
from backup.services.contents import SEALED
from core import audit, files
from core.files.models import StoredFile

AT_ONCE = 64
"""Pieces removed between two looks at the clock."""


def end_all() -> int:
    """Erase what has expired, was revoked, was fetched as often as allowed or was given up; gives how many."""
    now = timezone.now()
    over = list(ended(now))
    for pk in over:
        end(pk)
    known = SendPiece.objects.values("file")
    for stored in StoredFile.objects.filter(kind=SEALED, created_at__lt=now - FORGOTTEN).exclude(pk__in=known):
        files.discard(stored)  # what a crash left between a file and its piece
    return len(over)


def ended(now: datetime) -> list[object]:
    used = Q(fetch_count__gte=F("most_fetches"), fetched_at__lt=now - FETCHING)
    touched = Coalesce(Max("pieces__created_at"), F("created_at"))
    given_up = Q(finished_at=None, touched_at__lt=now - FORGOTTEN)
    expired = Q(finished_at__isnull=False, expires_at__lte=now)
    rows = Send.objects.filter(erased_at=None).annotate(touched_at=touched)
    return list(rows.filter(used | given_up | expired | Q(revoked_at__isnull=False)).values_list("pk", flat=True))


def end(pk: object) -> None:
    """The row tells first that its bytes are going: who is fetching hears so."""
    with transaction.atomic():
        send = Send.objects.select_for_update(of=("self",)).get(pk=str(pk))
        if send.erased_at is None:
            send.erased_at = timezone.now()
            send.save(update_fields=["erased_at"])
            audit.record(None, "backup.send_erased", send, reason=send.state)
    while found := list(send.pieces.select_related("file__project")[:AT_ONCE]):
        pieces.erase(found)
