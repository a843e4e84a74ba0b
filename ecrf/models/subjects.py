"""The people of a study, known by a number only."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.access.models import Project, Site
from core.access.scope import Scope, ScopedQuerySet
from core.db import Record


class Subject(Record):
    """One person in a study, at the site that included him; nothing here tells who he is."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="subjects")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="subjects")
    sequence = models.PositiveIntegerField()
    number = models.CharField(_("number"), max_length=30)
    arm = models.CharField(_("arm"), max_length=100, blank=True, default="", db_default="")
    included_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    """Nobody where he came by a public link."""

    objects = ScopedQuerySet.as_manager()
    scope: ClassVar = Scope(read="ecrf.read_records", site="site")

    class Meta:
        verbose_name = _("subject")
        ordering = ["site__code", "sequence"]
        constraints = [
            models.UniqueConstraint("site", "sequence", name="one_subject_per_sequence"),
            models.UniqueConstraint("project", "number", name="one_subject_per_number"),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("ecrf:subject", args=[self.project.slug, self.pk])
