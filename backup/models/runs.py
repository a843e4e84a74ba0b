"""One execution of a plan by an agent: asked for or due, how far it is, and what came of it."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from backup.models.agents import Agent
from backup.models.plans import Plan
from backup.models.snapshots import Snapshot
from backup.permissions import VIEW
from core.access.models import Project
from core.access.scope import Scope, ScopedQuerySet
from core.db import Record
from core.vault.fields import EncryptedTextField


class Run(Record):
    """What an agent does or did. What it says in words may hold names of files, and is encrypted."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting for the agent")
        RUNNING = "running", _("under way")
        DONE = "done", _("done")
        PARTIAL = "partial", _("done, with files unread")
        FAILED = "failed", _("failed")
        STOPPED = "stopped", _("stopped")

    LIVE = (State.WAITING, State.RUNNING)

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="backup_runs")
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="runs")
    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="runs")
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    """Empty where the plan's hour had come."""
    stop_asked_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    heard_at = models.DateTimeField(null=True, blank=True)
    reported = models.PositiveIntegerField(default=0, db_default=0)
    """Number of the newest report that was taken: an older one that comes late changes no number."""
    silent = models.BooleanField(default=False, db_default=False)
    """It failed because its agent wasn't heard of any more, and goes on should that one come back."""
    ended_at = models.DateTimeField(null=True, blank=True)
    files = models.PositiveBigIntegerField(default=0)
    bytes = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(null=True, blank=True)
    """Bytes expected, where that is known."""
    added = models.PositiveBigIntegerField(default=0)
    unread = models.PositiveIntegerField(default=0)
    doing = EncryptedTextField(null=True, blank=True)
    """What it is at: a phase, a folder."""
    error = EncryptedTextField(null=True, blank=True)
    snapshot = models.OneToOneField(Snapshot, null=True, blank=True, on_delete=models.SET_NULL, related_name="run")
    result = models.JSONField(default=dict, blank=True)
    """Counts that a check, a drill or a prune tells."""

    objects = ScopedQuerySet.as_manager()
    scope: ClassVar = Scope(read=VIEW)

    class Meta:
        verbose_name = _("backup run")
        ordering = ["-created_at"]
        indexes = [
            models.Index(fields=["plan", "-created_at"], name="backup_runs_of_plan"),
            models.Index(fields=["agent", "state"], name="backup_runs_of_agent"),
            models.Index(fields=["heard_at"], name="backup_runs_to_watch", condition=Q(state="running")),
        ]
        constraints = [
            models.UniqueConstraint(
                "plan", name="one_live_backup_run_per_plan", condition=Q(state__in=("waiting", "running"))
            ),
            models.CheckConstraint(
                condition=Q(state__in=("waiting", "running"), ended_at=None)
                | (~Q(state__in=("waiting", "running")) & Q(ended_at__isnull=False)),
                name="backup_run_ends_once",
            ),
            models.CheckConstraint(
                condition=Q(silent=False) | Q(state="failed"),
                name="silent_backup_run_failed",
            ),
        ]

    def __str__(self) -> str:
        return str(self.plan)

    def get_absolute_url(self) -> str:
        return reverse("backup:run", args=[self.project.slug, self.pk])

    @property
    def is_live(self) -> bool:
        return self.state in self.LIVE

    @property
    def percent(self) -> int | None:
        """How much is done, where the total is known."""
        return min(100, 100 * self.bytes // self.total) if self.total else None

    @property
    def elapsed(self) -> timedelta | None:
        return (self.ended_at or timezone.now()) - self.started_at if self.started_at else None


class RunLine(Record):
    """A line of what a run says, encrypted: it may name files."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="+")
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="lines")
    number = models.PositiveIntegerField()
    """As the agent counts them: what it says twice is kept once."""
    at = models.DateTimeField()
    level = models.CharField(max_length=7, default="info")
    text = EncryptedTextField()

    class Meta:
        verbose_name = _("line of a backup run")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint("run", "number", name="one_line_per_number_of_backup_run"),
            models.CheckConstraint(condition=Q(level__in=("info", "warning", "error")), name="backup_run_line_level"),
        ]

    def __str__(self) -> str:
        return str(self.text)
