"""Files that somebody sent together, and how far the reading of each has come."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.access.models import Project
from core.access.scope import Scope, ScopedQuerySet
from core.db import Record
from core.files.models import StoredFile
from core.vault.fields import EncryptedTextField
from prescriptions import permissions
from prescriptions.models.documents import Document


class Batch(Record):
    """Files sent together. Those that wait are read by the job `job_id`; without one, they are still being sent."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="+")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    job_id = models.UUIDField(null=True)

    objects = ScopedQuerySet.as_manager()
    scope: ClassVar = Scope(read=permissions.READ)

    class Meta:
        verbose_name = _("batch")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return str(self.pk)

    def get_absolute_url(self) -> str:
        return reverse("prescriptions:batch", args=[self.project.slug, self.pk])


class Item(Record):
    """One file of a batch. Its key becomes that of the prescription: who sent it has one address from then on.

    `fault` says why it failed and what to do, in words of ours; the file's own name may tell who the patient is.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        READING = "reading", _("Being read")
        READY = "ready", _("Ready")
        TWICE = "twice", _("Already there")
        FAILED = "failed", _("Failed")
        DROPPED = "dropped", _("Given up")
        UNPACKED = "unpacked", _("Unpacked")

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="items")
    position = models.PositiveIntegerField()
    name = EncryptedTextField(project="batch__project")
    kind = models.CharField(max_length=8)
    file = models.ForeignKey(StoredFile, null=True, on_delete=models.PROTECT, related_name="+")
    """None once it was taken over by the prescription, or erased."""
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    fault = models.CharField(max_length=300, blank=True, default="")
    document = models.ForeignKey(Document, null=True, on_delete=models.SET_NULL, related_name="+")
    """What it has become, or the prescription that the same file has become before."""
    tries = models.PositiveIntegerField(default=0)
    """How often its reading was begun: a file that breaks its reader is given up."""
    unpacked = models.PositiveIntegerField(default=0)
    """Of an archive: how many of its files have been taken out."""

    objects = ScopedQuerySet.as_manager()
    scope: ClassVar = Scope(read=permissions.READ, project="batch__project")

    class Meta:
        verbose_name = _("file of a batch")
        ordering = ["batch", "position"]
        constraints = [
            models.UniqueConstraint("batch", "position", name="one_file_per_position"),
            models.CheckConstraint(
                condition=~Q(state__in=["waiting", "reading"]) | Q(file__isnull=False), name="what_waits_has_a_file"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.batch} · {self.position}"
