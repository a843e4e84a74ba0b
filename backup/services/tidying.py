"""Erase what earlier releases restored on the server: archives that nothing refers to any more."""

from __future__ import annotations

from django.db import transaction

from backup.services.contents import RESTORED
from core import files
from core.files.models import StoredFile


def erase_archives() -> None:
    """Done every day: a server that is brought up to date keeps nothing of what was restored before."""
    for stored in StoredFile.objects.filter(kind=RESTORED, erased_at=None):
        with transaction.atomic():
            files.erase(None, stored, reason="restored on the server")
