"""Notebooks: cells of code on some datasets of a project, and what came out each time they ran."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.access.models import Project
from core.access.scope import Scope, ScopedQuerySet
from core.datasets.models import Dataset
from core.db import Record
from core.jobs.models import Job
from core.vault.fields import EncryptedJSONField
from datahub.permissions import VIEW


class NotebookQuerySet(ScopedQuerySet["Notebook"]):
    def kept(self) -> NotebookQuerySet:
        """Those that nobody has deleted."""
        return self.filter(deleted_at=None)


class Notebook(Record):
    """Cells that run from the first to the last in a fresh sandbox, so that what is shown can always be had again."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="notebooks")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="notebooks")
    title = models.CharField(_("title"), max_length=120)
    cells = EncryptedJSONField(default=list)
    """Texts of Python code. Sealed, because people paste values into code."""
    datasets = models.ManyToManyField(Dataset, blank=True, related_name="notebooks")
    revision = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField(auto_now=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects = NotebookQuerySet.as_manager()
    scope: ClassVar = Scope(read=VIEW)

    class Meta:
        ordering = ["-updated_at"]
        verbose_name = _("notebook")

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("datahub:notebook", args=[self.project.slug, self.pk])


class NotebookRun(Record):
    """One run of a notebook: the code as it was, the versions it read, and each cell's outputs."""

    notebook = models.ForeignKey(Notebook, on_delete=models.CASCADE, related_name="runs")
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="+")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    job = models.OneToOneField(Job, on_delete=models.PROTECT, related_name="+")
    cells = EncryptedJSONField()
    results = EncryptedJSONField(default=list)
    """One per cell that has run: ``{"state", "seconds", "outputs"}`` of datahub.engine.kernel.Outcome."""
    versions = models.JSONField(default=dict)
    """File name in the box -> id of the dataset version that it was."""
    hidden = models.JSONField(null=True)
    """File name in the box -> the columns that weren't there, being protected from who ran it."""

    closed: Sequence[str] = ()
    """What the run read that is protected from who looks at it; its results aren't shown to him."""

    objects = ScopedQuerySet.as_manager()
    scope: ClassVar = Scope(read=VIEW)

    class Meta:
        ordering = ["-created_at"]
        verbose_name = _("run of a notebook")
