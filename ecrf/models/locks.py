"""What may not be changed any more, and what somebody has signed for."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.access.models import Project
from core.access.scope import Scope, ScopedQuerySet
from core.db import Record
from ecrf.models.entries import Entry
from ecrf.models.subjects import Subject


class Level(models.TextChoices):
    """How much a lock holds fast, the widest first."""

    STUDY = "study", _("the whole study")
    SUBJECT = "subject", _("everything of a subject")
    EVENT = "event", _("an event of a subject")
    ENTRY = "entry", _("a record")
    PAGE = "page", _("a page")
    ITEM = "item", _("a field")


class Lock(Record):
    """From `starts_at` on, nothing of what it covers changes, until somebody releases it with a reason. Rows stay."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="+")
    level = models.CharField(max_length=10, choices=Level.choices)
    subject = models.ForeignKey(Subject, null=True, on_delete=models.PROTECT, related_name="locks")
    entry = models.ForeignKey(Entry, null=True, on_delete=models.PROTECT, related_name="locks")
    event = models.CharField(max_length=100, blank=True)
    page = models.CharField(max_length=100, blank=True)
    item = models.CharField(max_length=220, blank=True)
    starts_at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    """Nobody where a page locked itself after a participant had completed it."""
    reason = models.CharField(max_length=500, blank=True)
    released_at = models.DateTimeField(null=True)
    released_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    release_reason = models.CharField(max_length=500, blank=True)

    objects = ScopedQuerySet.as_manager()
    scope: ClassVar = Scope(read="ecrf.read_records", site="subject__site")

    class Meta:
        verbose_name = _("lock")
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(level=Level.STUDY, subject=None, entry=None)
                | Q(level__in=[Level.SUBJECT, Level.EVENT], subject__isnull=False, entry=None)
                | Q(level__in=[Level.ENTRY, Level.PAGE, Level.ITEM], subject__isnull=False, entry__isnull=False),
                name="a_lock_says_what_it_holds",
            ),
            models.CheckConstraint(
                condition=Q(released_at=None, released_by=None)
                | Q(released_at__isnull=False, released_by__isnull=False) & ~Q(release_reason=""),
                name="a_release_has_somebody_and_a_reason",
            ),
            models.UniqueConstraint(
                "project",
                "level",
                "subject",
                "entry",
                "event",
                "page",
                "item",
                condition=Q(released_at=None),
                nulls_distinct=False,
                name="one_lock_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.level} {self.subject or self.project}"
