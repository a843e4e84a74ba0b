"""What is to be erased for good, who asked for it and who confirmed it, and the certificate that remains."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.access.models import Project
from core.db import Record

PERSON = settings.AUTH_USER_MODEL


class Erasure(Record):
    """Of a project or of a person: asked, confirmed by somebody else, and done once its time has come."""

    project = models.ForeignKey(Project, null=True, on_delete=models.PROTECT, related_name="erasures")
    person = models.ForeignKey(PERSON, null=True, on_delete=models.PROTECT, related_name="erasures")
    reason = models.TextField()
    asked_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    confirmed_by = models.ForeignKey(PERSON, null=True, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    """From then on it is done, and can't be withdrawn any more."""
    withdrawn_by = models.ForeignKey(PERSON, null=True, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)
    job_id = models.UUIDField(null=True)
    progress: Any = models.JSONField(default=dict)
    """Which steps are done, with their numbers."""
    done_at = models.DateTimeField(null=True)
    certificate: Any = models.JSONField(null=True)
    """What was erased, with its signature: never anything of the content."""

    class Meta:
        verbose_name = _("erasure")
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(project=None, person__isnull=False) | Q(project__isnull=False, person=None),
                name="erasure_of_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=F("asked_by")), name="erasure_confirmed_by_another"
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by=None, confirmed_at=None, due_at=None)
                | Q(confirmed_by__isnull=False, confirmed_at__isnull=False, due_at__isnull=False),
                name="erasure_confirmed_is_due",
            ),
            models.UniqueConstraint("project", condition=Q(withdrawn_at=None), name="one_erasure_of_a_project"),
            models.UniqueConstraint("person", condition=Q(withdrawn_at=None), name="one_erasure_of_a_person"),
        ]

    def __str__(self) -> str:
        if self.certificate:
            return str(self.certificate["certificate"]["subject"]["name"])
        return str(self.project or self.person)

    def get_absolute_url(self) -> str:
        return reverse("erasure:one", args=[self.pk])

    @property
    def kind(self) -> str:
        return "project" if self.project_id else "person"

    @property
    def state(self) -> str:
        if self.done_at:
            return "done"
        if self.withdrawn_at:
            return "withdrawn"
        if self.due_at is None:
            return "asked"
        return "running" if self.due_at <= timezone.now() else "waiting"

    @property
    def can_be_withdrawn(self) -> bool:
        return self.state in ("asked", "waiting")
