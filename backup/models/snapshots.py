"""One save, as far as the server may know it: how much, when, and the digests that tell if it was changed."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from backup.models.plans import Plan
from backup.models.repositories import Repository
from backup.permissions import VIEW
from core.access.models import Project
from core.access.scope import Scope, ScopedQuerySet
from core.db import Record
from core.jobs.models import Job


class Snapshot(Record):
    """A finished save. Names and contents are in the repository, sealed; here are counts and digests."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="backup_snapshots")
    repository = models.ForeignKey(Repository, on_delete=models.PROTECT, related_name="snapshots")
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="snapshots")
    job = models.ForeignKey(Job, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    snapshot_id = models.CharField(max_length=64, unique=True)
    """BLAKE3 of the signed object, kept here so that a snapshot taken away or replaced is seen."""
    sequence = models.PositiveIntegerField()
    manifest = models.CharField(max_length=64)
    """BLAKE3 of the ids of the root: it changes with any name or byte of what was saved."""
    datasets = models.PositiveIntegerField()
    files = models.PositiveIntegerField()
    bytes = models.PositiveBigIntegerField()
    added = models.PositiveBigIntegerField()
    unread = models.PositiveIntegerField()
    store_differs = models.BooleanField()
    """The repository didn't hold what this server had left in it."""
    anchor = models.JSONField(null=True, blank=True)
    """The signed head of the audit trail that the snapshot carries out of PostgreSQL's reach."""
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField()

    objects = ScopedQuerySet.as_manager()
    scope: ClassVar = Scope(read=VIEW)

    class Meta:
        verbose_name = _("backup")
        ordering = ["-finished_at"]
        indexes = [models.Index(fields=["plan", "-finished_at"], name="backups_of_plan")]
        constraints = [
            models.UniqueConstraint("repository", "sequence", name="one_backup_per_sequence"),
            models.CheckConstraint(
                condition=models.Q(finished_at__gte=models.F("started_at")), name="backup_ends_after_start"
            ),
        ]

    def __str__(self) -> str:
        return self.short_id

    def get_absolute_url(self) -> str:
        return reverse("backup:snapshot", args=[self.project.slug, self.pk])

    @property
    def short_id(self) -> str:
        return self.snapshot_id[:8]

    @property
    def duration(self) -> timedelta:
        return self.finished_at - self.started_at

    @property
    def other_files(self) -> int:
        return max(0, self.files - self.datasets)

    @property
    def is_whole(self) -> bool:
        return not self.unread and not self.store_differs
