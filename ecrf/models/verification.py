"""Verification against the source: what is to be compared, and what was, at which revision."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.access.scope import Scope
from core.db import Record
from ecrf.models.entries import Entry
from ecrf.models.paged import Paged, PagedQuerySet


class Verification(Record):
    """A value that was compared with the source, and agreed, as it stood at a revision."""

    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="verifications")
    item = models.CharField(max_length=100)
    revision = models.PositiveIntegerField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    outdated_at = models.DateTimeField(null=True)
    """Since when the value is another one, which is to be verified anew."""
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    objects = PagedQuerySet.as_manager()
    scope: ClassVar = Scope(read="ecrf.read_records", project="entry__subject__project", site="entry__subject__site")
    paged: ClassVar = Paged("entry__form", "entry__subject__site", item="item")

    class Meta:
        verbose_name = _("verification")
        ordering = ["created_at"]
        constraints = [
            models.UniqueConstraint(
                "entry", "item", condition=Q(outdated_at=None, withdrawn_at=None), name="one_verification_that_counts"
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
                name="withdrawal_has_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.entry_id} {self.item}"
