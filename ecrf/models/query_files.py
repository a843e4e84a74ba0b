"""How a study handles its queries, and files of queries that wait to be opened."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.access.models import Project
from core.access.scope import Scope, ScopedQuerySet
from core.db import Record
from core.vault.fields import EncryptedJSONField


class QueryPolicy(Record):
    """What a study has settled about queries; without a row, the defaults hold."""

    project = models.OneToOneField(Project, on_delete=models.CASCADE, related_name="query_policy")
    from_warnings = models.BooleanField(_("Warnings of the form open queries too"), default=False)
    answer_within = models.PositiveIntegerField(_("Days to answer"), null=True, blank=True, default=14)

    objects = ScopedQuerySet.as_manager()
    scope: ClassVar = Scope(read="ecrf.read_records")

    class Meta:
        verbose_name = _("rules for queries")

    def __str__(self) -> str:
        return str(self.project)


class QueryBatch(Record):
    """Queries read from a file, to be looked at before they are opened; both parts may hold data, and are sealed."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="query_batches")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    source = models.CharField(max_length=200)
    rows = EncryptedJSONField()
    faults = EncryptedJSONField()
    row_count = models.PositiveIntegerField()
    fault_count = models.PositiveIntegerField()
    opened_at = models.DateTimeField(null=True)

    objects = ScopedQuerySet.as_manager()
    scope: ClassVar = Scope(read="ecrf.open_queries")

    class Meta:
        verbose_name = _("file of queries")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.source

    def get_absolute_url(self) -> str:
        return reverse("ecrf:query_batch", args=[self.project.slug, self.pk])
