"""Bringing a snapshot back: who asked, why, what came of it, and for how long it can be fetched."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from backup.models.snapshots import Snapshot
from backup.permissions import RESTORE
from core.access.models import Project
from core.access.scope import Scope, ScopedQuerySet
from core.db import Record
from core.files.models import StoredFile
from core.jobs.models import Job
from core.vault.fields import EncryptedJSONField, SealedBytesField


class Restore(Record):
    """One restore. The key it was given is held sealed from the question to the end of the job, and no longer."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="backup_restores")
    snapshot = models.ForeignKey(Snapshot, on_delete=models.PROTECT, related_name="restores")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField(_("reason"))
    sealed_key = SealedBytesField(context="backup.restore:{pk}", default=b"", blank=True)
    job = models.ForeignKey(Job, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    files = models.PositiveIntegerField(default=0)
    bytes = models.PositiveBigIntegerField(default=0)
    identical = models.PositiveIntegerField(default=0)
    """Files read back from what is offered for download, whose hash is the one the snapshot holds."""
    problems = EncryptedJSONField(default=list, blank=True)
    """What couldn't be restored, by name: sealed, since names may tell of people."""
    ended_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    archive = models.ForeignKey(StoredFile, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    objects = ScopedQuerySet.as_manager()
    scope: ClassVar = Scope(read=RESTORE)

    class Meta:
        verbose_name = _("restore")
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(condition=Q(ended_at=None) | Q(sealed_key=b""), name="ended_restore_holds_no_key"),
            models.CheckConstraint(
                condition=Q(archive=None) | Q(expires_at__isnull=False), name="restored_archive_expires"
            ),
        ]

    def __str__(self) -> str:
        return str(self.snapshot)

    def get_absolute_url(self) -> str:
        return reverse("backup:restore", args=[self.project.slug, self.pk])

    @property
    def key_context(self) -> str:
        return f"backup.restore:{self.pk}"

    @property
    def is_identical(self) -> bool:
        """Whether everything came back, every file bit by bit."""
        done = self.ended_at is not None and self.expires_at is not None
        return done and self.identical == self.files and not self.problems

    @property
    def can_be_fetched(self) -> bool:
        return self.archive_id is not None and self.expires_at is not None and self.expires_at > timezone.now()
