"""Files on their way to people without account, or from them: sealed in a browser, and to the server only bytes."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from backup.permissions import MANAGE, SEND
from core.access.models import Project
from core.access.scope import M, Scope, ScopedQuerySet
from core.db import Record
from core.files.models import StoredFile

if TYPE_CHECKING:
    from core.access.scope import Actor

PIECE = 4 << 20
"""Bytes sent at once: half a fragment of SEALED.md, as much as is taken from people whom nobody knows."""
FETCHING = timedelta(days=1)
"""How long a download that has begun may go on."""
FORGOTTEN = timedelta(days=1)
"""After so long without a new piece an upload counts as given up."""


def new_link() -> str:
    """128 random bits: what stands in the address, and nobody guesses."""
    return secrets.token_urlsafe(16)


class Own(ScopedQuerySet[M]):
    """One sees what is one's own; who sets the backups of the project sees all of it."""

    def visible_to(self, actor: Actor, permission: str | None = None) -> Self:
        overseen = super().visible_to(actor, MANAGE).values("pk")
        return super().visible_to(actor, permission).filter(Q(owner=actor.pk) | Q(pk__in=overseen))


class FileRequest(Record):
    """A link by which people without account drop files for its owner, sealed to a key that only he has."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="file_requests")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    link = models.CharField(max_length=22, unique=True, default=new_link, editable=False)
    most_bytes = models.PositiveBigIntegerField()
    """That may be dropped in all."""
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = Own.as_manager()
    scope: ClassVar = Scope(read=SEND)

    class Meta:
        verbose_name = _("file request")
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")), name="file_request_ends_after_its_start"
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)

    def get_absolute_url(self) -> str:
        return reverse("backup:request", args=[self.project.slug, self.pk])

    @property
    def state(self) -> str:
        """As the pages name it: open, revoked or expired."""
        if self.revoked_at is not None:
            return "revoked"
        return "expired" if self.expires_at <= timezone.now() else "open"


class Send(Record):
    """One sealed file. Its key is in the link, after the #, and so never here; neither are its name and exact size."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="sends")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    """Who sends it, or asked for it."""
    request = models.ForeignKey(FileRequest, null=True, blank=True, on_delete=models.PROTECT, related_name="files")
    """What it answers; none where the owner sends it."""
    envelope = models.BinaryField(default=b"", blank=True)
    """Its key, sealed to that of the request."""
    upload_hash = models.CharField(max_length=64, blank=True)
    """Of the token by which a stranger goes on with his upload."""
    link = models.CharField(max_length=22, unique=True, default=new_link, editable=False)
    size = models.PositiveBigIntegerField()
    """Bytes of the sealed object: rounded up, so that they tell little."""
    is_protected = models.BooleanField(default=False)
    """Whether a passphrase is needed besides the link, as its header says."""
    days = models.PositiveSmallIntegerField()
    """How long it can be fetched once it is whole."""
    most_fetches = models.PositiveSmallIntegerField(null=True, blank=True)
    fetch_count = models.PositiveIntegerField(default=0)
    fetched_at = models.DateTimeField(null=True, blank=True)
    """When it was fetched last."""
    expires_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True)
    """When its bytes were removed."""

    objects = Own.as_manager()
    scope: ClassVar = Scope(read=SEND)

    class Meta:
        verbose_name = _("sealed file")
        ordering = ["-created_at"]
        indexes = [
            models.Index("expires_at", name="sends_to_erase", condition=Q(erased_at=None)),
            models.Index("project", F("created_at").desc(), name="sends_of_project"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(request=None, envelope=b"", upload_hash="")
                | Q(request__isnull=False) & ~Q(envelope=b"") & ~Q(upload_hash=""),
                name="dropped_file_has_its_key_sealed",
            ),
            models.CheckConstraint(
                condition=Q(most_fetches=None) | Q(fetch_count__lte=F("most_fetches")), name="send_fetched_at_most"
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    def get_absolute_url(self) -> str:
        return reverse("backup:send", args=[self.project.slug, self.pk])

    @property
    def piece_count(self) -> int:
        return -(-self.size // PIECE)

    def length_of(self, number: int) -> int:
        """Bytes of a piece: only the last one is shorter."""
        return min(PIECE, self.size - number * PIECE)

    @property
    def is_used_up(self) -> bool:
        return self.most_fetches is not None and self.fetch_count >= self.most_fetches

    @property
    def state(self) -> str:
        """As the pages name it: uploading, ready, used, expired, revoked or abandoned."""
        if self.revoked_at is not None:
            return "revoked"
        if self.finished_at is None:
            return "abandoned" if self.erased_at else "uploading"
        if self.expires_at <= timezone.now():
            return "expired"
        return "used" if self.is_used_up else "ready"

    def still_opens(self, begun_at: datetime) -> bool:
        """Whether a download that began then may go on."""
        return self.state in ("ready", "used") and not self.erased_at and begun_at > timezone.now() - FETCHING


class SendPiece(Record):
    """A part of a sealed file that is there, kept once and never replaced."""

    send = models.ForeignKey(Send, on_delete=models.PROTECT, related_name="pieces")
    number = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    """SHA-256 of its bytes: the same piece sent again is known by it."""
    file = models.OneToOneField(StoredFile, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint("send", "number", name="one_piece_per_number")]

    def __str__(self) -> str:
        return f"{self.send_id} {self.number}"


class SendFetch(Record):
    """A download of a sealed file: it goes on by a ticket of which only a hash is kept, and its address is none."""

    send = models.ForeignKey(Send, on_delete=models.PROTECT, related_name="fetched")
    ticket_hash = models.CharField(max_length=64, unique=True)
    address_hash = models.CharField(max_length=16, blank=True)
    """Tells whether two downloads came from one place, not from which."""

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.send_id} {self.created_at:%Y-%m-%d %H:%M}"
