"""One save, as far as the server may know it: how much, when, and the digests that tell if it was changed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Least
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from backup.models.plans import Plan, shown
from backup.models.repositories import Repository
from backup.permissions import VIEW
from core.access.models import Project
from core.access.scope import Scope, ScopedQuerySet
from core.db import Record
from core.jobs.models import Job

ENDED_AT = Least("finished_at", "received_at")
"""Snapshot.ended_at, where the database is asked."""


class Snapshot(Record):
    """A finished save. Names and contents are in the repository, sealed; here are counts and digests."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="backup_snapshots")
    repository = models.ForeignKey(Repository, on_delete=models.PROTECT, related_name="snapshots")
    plan = models.ForeignKey(Plan, null=True, blank=True, on_delete=models.PROTECT, related_name="snapshots")
    """Empty for one that somebody made by hand."""
    source = models.CharField(_("source"), max_length=256, blank=True, default="", db_default="")
    host = models.CharField(_("machine"), max_length=256, blank=True, default="", db_default="")
    writer = models.CharField(max_length=32, blank=True, default="", db_default="")
    """Key id of who signed it."""
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
    fresh = models.PositiveBigIntegerField(default=0, db_default=0)
    """Bytes of content that weren't held before."""
    dense = models.PositiveBigIntegerField(default=0, db_default=0)
    """How many of them didn't compress: a sudden rise looks like encryption."""
    changed = models.PositiveBigIntegerField(default=0, db_default=0)
    unread = models.PositiveIntegerField()
    tags = ArrayField(models.CharField(max_length=120), blank=True, default=list, db_default=[])
    received_at = models.DateTimeField(null=True, blank=True)
    """When the store took it, by its own clock."""
    forgotten_at = models.DateTimeField(null=True, blank=True)
    """An act forgets it; it can be recalled until it is gone."""
    gone_at = models.DateTimeField(null=True, blank=True)
    held = models.BooleanField(default=False, db_default=False)
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
        indexes = [
            models.Index(fields=["plan", "-finished_at"], name="backups_of_plan"),
            models.Index(fields=["project", "-finished_at"], name="backups_of_project"),
            models.Index(
                fields=["repository", "source", "-finished_at"],
                name="backups_of_source",
                condition=models.Q(gone_at=None, forgotten_at=None),
            ),
        ]
        constraints = [
            models.UniqueConstraint("repository", "writer", "sequence", name="one_backup_per_writer_and_sequence"),
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
    def ended_at(self) -> datetime:
        """When it was made, by its machine's clock, or by the store's where that one is ahead."""
        return min(self.finished_at, self.received_at or self.finished_at)

    @property
    def duration(self) -> timedelta:
        return self.finished_at - self.started_at

    @property
    def other_files(self) -> int:
        return max(0, self.files - self.datasets)

    @property
    def name(self) -> str:
        """What it is a backup of: not each has a plan, and some have no source."""
        return shown(self.source, self.project) or (self.plan.name if self.plan else "")

    @property
    def is_whole(self) -> bool:
        return not self.unread and not self.store_differs
