"""Sets of fictitious ordonnances that were asked for: what, and what came of it. Nothing in them is anybody's."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.access.models import Project
from core.access.scope import Scope, ScopedQuerySet
from core.db import Record
from core.files.models import StoredFile
from prescriptions import permissions


class Generation(Record):
    """One set. The same settings, edition and version of the suite give the same documents."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveIntegerField(_("number"))
    count = models.PositiveIntegerField(_("documents"))
    seed = models.CharField(_("seed"), max_length=20)
    profiles = ArrayField(models.CharField(max_length=20))
    formats = ArrayField(models.CharField(max_length=10))
    """What it is written as besides JSON lines."""
    wear = models.CharField(_("state of the pages"), max_length=40)
    edition = models.CharField(max_length=80)
    """The list of medicines it was drawn from."""
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    job_id = models.UUIDField(null=True)
    file = models.OneToOneField(StoredFile, null=True, on_delete=models.PROTECT, related_name="+")
    report = models.JSONField(null=True)
    """The privacy report, once it is done."""
    datasets = models.JSONField(default=dict)
    """Name of a dataset -> the number of the version that was published."""
    finished_at = models.DateTimeField(null=True)

    objects = ScopedQuerySet.as_manager()
    scope: ClassVar = Scope(read=permissions.GENERATE)

    class Meta:
        verbose_name = _("set of fictitious prescriptions")
        ordering = ["-created_at"]
        constraints = [models.UniqueConstraint("project", "number", name="one_generation_per_number")]

    def __str__(self) -> str:
        return str(_("Set %(number)s") % {"number": self.number})

    def get_absolute_url(self) -> str:
        return reverse("prescriptions:generation", args=[self.project.slug, self.pk])

    @property
    def passed(self) -> bool:
        """Whether the privacy report found nothing."""
        return bool(self.report and self.report["passed"])


class Part(Record):
    """Documents of a set that are made, packed, until the whole is: after a crash they needn't be made again."""

    generation = models.ForeignKey(Generation, on_delete=models.CASCADE, related_name="parts")
    start = models.PositiveIntegerField()
    file = models.OneToOneField(StoredFile, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("part of a set of fictitious prescriptions")
        ordering = ["generation", "start"]
        constraints = [models.UniqueConstraint("generation", "start", name="one_part_per_start")]

    def __str__(self) -> str:
        return f"{self.generation} · {self.start}"
