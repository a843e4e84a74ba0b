"""What somebody must look at: raised once, told again while it lasts, and told when it is over."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from backup.models.plans import Plan, shown
from backup.models.repositories import Repository
from backup.permissions import VIEW
from core.access.models import Project
from core.access.scope import Scope, ScopedQuerySet
from core.db import Record


class Alert(Record):
    """Something wrong with a repository, a row of snapshots or a plan: numbers and times, never names of files."""

    class Kind(models.TextChoices):
        FAILED = "failed", _("the last backup failed")
        STALE = "stale", _("no backup for too long")
        PARTIAL = "partial", _("files couldn’t be read")
        SHRUNK = "shrunk", _("suspiciously smaller than before")
        GROWN = "grown", _("suspiciously larger than before")
        DENSE = "dense", _("changed files look encrypted, as by ransomware")
        DRILL = "drill", _("no restore was tried for too long")
        UNREACHABLE = "unreachable", _("the repository can’t be reached")
        DAMAGED = "damaged", _("the repository is damaged or was changed")
        TAKEN = "taken", _("backups were taken away that nobody forgot")
        QUOTA = "quota", _("the repository is nearly full")
        SILENT = "silent", _("an agent is silent")

    SEVERE = (Kind.FAILED, Kind.DENSE, Kind.DAMAGED, Kind.TAKEN, Kind.UNREACHABLE)

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="backup_alerts")
    repository = models.ForeignKey(Repository, on_delete=models.CASCADE, related_name="alerts")
    plan = models.ForeignKey(Plan, null=True, blank=True, on_delete=models.CASCADE, related_name="alerts")
    source = models.CharField(_("source"), max_length=256, blank=True, default="")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    details = models.JSONField(default=dict)
    """Numbers and times that its sentence names."""
    seen_at = models.DateTimeField()
    """When it was last found to be so."""
    told_at = models.DateTimeField(null=True, blank=True)
    quiet_until = models.DateTimeField(null=True, blank=True)
    """Somebody has seen it and wants to hear no more before then."""
    quieted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    resolved_at = models.DateTimeField(null=True, blank=True)

    objects = ScopedQuerySet.as_manager()
    scope: ClassVar = Scope(read=VIEW)

    class Meta:
        verbose_name = _("backup alert")
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                "repository", "source", "plan", "kind",
                name="one_backup_alert_at_a_time",
                condition=Q(resolved_at=None),
                nulls_distinct=False,
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return str(self.get_kind_display())

    def get_absolute_url(self) -> str:
        return reverse("backup:alert", args=[self.project.slug, self.pk])

    @property
    def about(self) -> str:
        """What it is about: a plan, a source, or the repository."""
        return self.plan.name if self.plan else shown(self.source, self.project) or self.repository.name

    @property
    def is_severe(self) -> bool:
        return self.kind in self.SEVERE
