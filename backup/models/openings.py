"""Somebody opens a repository with the key that only people hold: who, why, and how much he took out."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from backup.models.repositories import Repository
from backup.models.snapshots import Snapshot
from backup.permissions import RESTORE
from core.access.models import Project
from core.access.scope import Scope, ScopedQuerySet
from core.db import Record


class Opening(Record):
    """One reading of a repository, in a browser or by a program. What it read by name the server never learns."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="backup_openings")
    repository = models.ForeignKey(Repository, on_delete=models.CASCADE, related_name="openings")
    snapshot = models.ForeignKey(Snapshot, null=True, blank=True, on_delete=models.PROTECT, related_name="openings")
    """Where it began; from there one may go on to others."""
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField(_("reason"))
    files = models.PositiveBigIntegerField(default=0, db_default=0)
    bytes = models.PositiveBigIntegerField(default=0, db_default=0)
    left_out = models.PositiveBigIntegerField(default=0, db_default=0)
    """How many things were wanted and couldn't be taken out."""
    took_at = models.DateTimeField(null=True, blank=True)
    """When something was last taken out."""
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = ScopedQuerySet.as_manager()
    scope: ClassVar = Scope(read=RESTORE)

    class Meta:
        verbose_name = _("opening of a backup repository")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return str(self.repository)

    def get_absolute_url(self) -> str:
        return self.snapshot.get_absolute_url() if self.snapshot else self.repository.get_absolute_url()
