"""What the room remembers of the journal: how far its programs have read, what is usual, and what was not."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.access.models import Project
from core.access.scope import Scope, ScopedQuerySet
from core.accounts.models import User
from core.db import Record


class Cursor(models.Model):
    """How far a program has read the sealed chain. Its row is locked by who reads on, so that nothing is read twice."""

    name = models.CharField(max_length=40, primary_key=True)
    sequence = models.BigIntegerField(default=0)
    moved_at = models.DateTimeField(null=True)
    failing_since = models.DateTimeField(null=True)
    next_at = models.DateTimeField(null=True)
    """Not tried before."""
    failures = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True)
    details = models.JSONField(default=dict)


class Activity(models.Model):
    """What one person did in one project in one hour, in numbers: his past, against which his present is held."""

    project_id = models.UUIDField()
    person_id = models.UUIDField()
    hour = models.DateTimeField()
    reads = models.PositiveIntegerField(default=0)
    exports = models.PositiveIntegerField(default=0)
    refusals = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint("project_id", "person_id", "hour", name="one_activity_an_hour")]


class Kind(models.TextChoices):
    VOLUME = "volume", _("Much more read than usual")
    SERIES = "series", _("Many things read one after another")
    HOURS = "hours", _("Read at unusual hours")
    EXPORTS = "exports", _("Many exports")
    REFUSALS = "refusals", _("Refused again and again")
    EMERGENCY = "emergency", _("Access in an emergency")


class Rule(models.Model):
    """What a project has said of one kind of alert; where it has said nothing, the usual holds."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="alert_rules")
    kind = models.CharField(max_length=10, choices=Kind)
    is_on = models.BooleanField(default=True)
    threshold = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint("project", "kind", name="one_rule_a_kind")]


class Alert(Record):
    """Something unusual that one person did in a project, for its data controllers to look at. No patient is in it."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="alerts")
    kind = models.CharField(max_length=10, choices=Kind)
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    window_at = models.DateTimeField()
    """The beginning of the hour, of the day, or the moment that it is about: one alert for each."""
    count = models.PositiveIntegerField()
    threshold = models.PositiveIntegerField()
    acknowledged_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    acknowledged_at = models.DateTimeField(null=True)
    comment = models.TextField(blank=True)

    objects = ScopedQuerySet.as_manager()
    scope: ClassVar = Scope(read="audit.read_journal")

    class Meta:
        verbose_name = _("alert")
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["project", "-created_at"], name="alerts_of_project")]
        constraints = [
            models.UniqueConstraint("project", "kind", "person", "window_at", name="one_alert_a_window"),
            models.CheckConstraint(
                condition=models.Q(acknowledged_at=None, acknowledged_by=None)
                | models.Q(acknowledged_at__isnull=False, acknowledged_by__isnull=False),
                name="alert_acknowledged_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return str(Kind(self.kind).label)

    def get_absolute_url(self) -> str:
        return reverse("audit:alert", args=[self.project.slug, self.pk])
