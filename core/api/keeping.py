"""Remember for a day what a call with an Idempotency-Key was answered.

The key is a part of what opens the answer, and only its hash is kept: who reads the database, with the instance key
too, can't open the body. A repetition waits for nothing: while the first call runs, it is told so.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING, cast

from django.db import connection
from django.db.models import BinaryField
from django.db.models.functions import Substr
from django.http import HttpResponse
from django.utils import timezone
from django.utils.crypto import salted_hmac

from core import vault
from core.access.models import Membership
from core.access.scope import limits_of
from core.api.models import Answer
from core.rest import once
from core.vault import engine

if TYPE_CHECKING:
    from rest_framework.request import Request

    from core.access.scope import Actor
    from core.accounts.models import User

LASTS = timedelta(hours=24)


class Keeper:
    """What `core.rest.once` asks for."""

    def find(self, request: Request, key: str, fingerprint: str) -> HttpResponse | None:
        mark = hash_of(request, key)
        if not lock(mark):
            raise once.StillRunning
        answer = Answer.objects.filter(key_hash=mark).first()
        if answer is None:
            return None
        if answer.created_at <= timezone.now() - LASTS:
            answer.delete()
            return None
        if answer.fingerprint != fingerprint:
            raise once.KeyReused
        if answer.body is None or answer.rights != rights_of(request.user):
            raise once.AnswerNotKept
        body = vault.open(None, bytes(answer.body), place(mark, key))
        return HttpResponse(body, status=answer.status, headers=answer.headers | {"Idempotency-Replayed": "true"})

    def keep(self, request: Request, key: str, fingerprint: str, answer: HttpResponse) -> None:
        mark = hash_of(request, key)
        secret = "no-store" in answer.get("Cache-Control", "") or len(answer.content) > once.LARGEST
        Answer.objects.create(
            user=cast("User", request.user),
            key_hash=mark,
            fingerprint=fingerprint,
            rights=rights_of(request.user),
            status=answer.status_code,
            headers={name: answer[name] for name in once.KEPT if name in answer},
            body=None if secret else vault.seal(None, answer.content, place(mark, key)),
        )


def sealed_before(version: int) -> int:
    """How many kept answers another version of the instance's key sealed. None is kept for longer than a day."""
    header = engine.header_of(version)
    head = Substr("body", 1, len(header), output_field=BinaryField())
    return Answer.objects.exclude(body=None).annotate(head=head).exclude(head=header).count()


def hash_of(request: Request, key: str) -> str:
    """Names the key of this caller: of this person in his session, or of this token."""
    caller = f"{request.user.pk}:{getattr(request.auth, 'pk', '')}"
    return salted_hmac("core.api.keeping", f"{caller}:{key}", algorithm="sha256").hexdigest()


def place(mark: str, key: str) -> str:
    return f"api.answer:{mark}:{key}"


def lock(mark: str) -> bool:
    """Whether the key is ours until the transaction ends; not where another one has it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [int(mark[:15], 16)])
        return bool(cursor.fetchone()[0])


def rights_of(actor: Actor) -> str:
    """A hash of all that the caller is entitled to at this moment."""
    held = Membership.objects.active().filter(user=actor.pk).order_by("pk")
    rows = held.values_list("pk", "all_sites", "roles__pk", "roles__permissions", "sites__pk")
    limits = limits_of(actor)
    said = [sorted(map(repr, rows)), [limits.project_id, sorted(limits.all_allowed())] if limits else None]
    return hashlib.sha256(repr(said).encode()).hexdigest()


def forget() -> None:
    """Drop the answers of more than a day ago."""
    Answer.objects.filter(created_at__lte=timezone.now() - LASTS).delete()
