"""Findings that are no issue."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.access.scope import Scope
from core.db import Record
from core.vault.fields import EncryptedJSONField, EncryptedTextField
from ecrf.models.entries import Entry
from ecrf.models.paged import Paged, PagedQuerySet


class QualityExclusion(Record):
    """Somebody looked at what a rule says of a value, and it is no issue; holds as long as the value is the same."""

    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="quality_exclusions")
    rule = models.CharField(max_length=40)
    item = models.CharField(max_length=100)
    row = models.CharField(max_length=200, blank=True)
    value = EncryptedJSONField(project="entry__subject__project", null=True)
    reason = EncryptedTextField(project="entry__subject__project")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)

    objects = PagedQuerySet.as_manager()
    scope: ClassVar = Scope(read="ecrf.read_records", project="entry__subject__project", site="entry__subject__site")
    paged: ClassVar = Paged("entry__form", "entry__subject__site", item="item")

    class Meta:
        verbose_name = _("finding put aside")
        ordering = ["created_at"]
        constraints = [
            models.UniqueConstraint(
                "entry", "rule", "item", "row", condition=models.Q(withdrawn_at=None), name="one_exclusion_per_finding"
            )
        ]

    def __str__(self) -> str:
        return f"{self.entry_id} {self.rule} {self.item}"

    @property
    def project_id(self) -> Any:
        return self.entry.subject.project_id
