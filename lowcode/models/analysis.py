"""A saved question: what is asked of which dataset, and how the answer is drawn."""

from __future__ import annotations

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.access.models import Project
from core.access.scope import Scope, ScopedQuerySet
from core.datasets.models import Dataset
from core.db import Record
from core.vault.fields import EncryptedJSONField
from lowcode.permissions import VIEW


class AnalysisQuerySet(ScopedQuerySet["Analysis"]):
    def kept(self) -> Self:
        """Those that were not deleted."""
        return self.filter(deleted_at=None)


class Analysis(Record):
    """One question to one dataset. The query is sealed: a filter may name a patient."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="analyses")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(_("name"), max_length=120)
    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="analyses")
    version = models.PositiveIntegerField(null=True, blank=True)
    """The number of the version it is held to; empty follows the newest."""
    query = EncryptedJSONField()
    chart = models.JSONField(default=dict)
    """The kind of chart and the measure drawn, where they were chosen."""
    revision = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects = AnalysisQuerySet.as_manager()
    scope: ClassVar = Scope(read=VIEW)

    class Meta:
        verbose_name = _("analysis")
        verbose_name_plural = _("analyses")
        ordering = ["-updated_at"]
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="analysis_has_a_name"),
            models.CheckConstraint(condition=Q(version=None) | Q(version__gte=1), name="analysis_of_a_real_version"),
        ]
        indexes = [models.Index(fields=["project", "-updated_at"], name="analyses_of_a_project")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("lowcode:analysis", args=[self.project.slug, self.pk])
