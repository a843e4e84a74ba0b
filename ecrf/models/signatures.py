"""What somebody has signed for."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.access.scope import Scope, ScopedQuerySet
from core.db import Record
from ecrf.models.entries import Entry


class Signature(Record):
    """A person's word for a page as it was at a revision. A later change of the page undoes it; the row stays."""

    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="signatures")
    page = models.CharField(max_length=100)
    revision = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    meaning = models.CharField(max_length=500)
    signer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    objects = ScopedQuerySet.as_manager()
    scope: ClassVar = Scope(read="ecrf.read_records", project="entry__subject__project", site="entry__subject__site")

    class Meta:
        verbose_name = _("signature")
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(undone_at__isnull=False) | Q(undone_by=None),
                name="who_undoes_does_it_at_a_moment",
            ),
            models.UniqueConstraint(
                "entry", "page", "signer", condition=Q(undone_at=None), name="one_signature_per_person_and_page"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.signer} {self.page}"

    @property
    def project_id(self) -> Any:
        return self.entry.project_id
