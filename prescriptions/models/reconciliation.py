"""A bilan médicamenteux: two ordonnances compared, and what a person decided of each line."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.access.models import Project
from core.access.scope import Scope, ScopedQuerySet
from core.db import Record
from core.vault.fields import EncryptedJSONField
from prescriptions import permissions
from prescriptions.models.documents import Document


class Reconciliation(Record):
    """Written once: who thinks otherwise later makes another one. `content` holds the words of that day."""

    class Decision(models.TextChoices):
        CONTINUE = "continue", _("Continue")
        CHANGE = "change", _("Change")
        STOP = "stop", _("Stop")

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="reconciliations")
    number = models.PositiveIntegerField(_("number"))
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    before = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="reconciled_from")
    after = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="reconciled_to")
    lines = models.PositiveIntegerField()
    content = EncryptedJSONField(project="project")
    """changes, duplicates, decisions (one for each change) and note."""

    objects = ScopedQuerySet.as_manager()
    scope: ClassVar = Scope(read=permissions.READ)

    class Meta:
        verbose_name = _("reconciliation")
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint("project", "number", name="one_reconciliation_per_number"),
            models.CheckConstraint(condition=~Q(before=F("after")), name="reconciles_two_documents"),
        ]

    def __str__(self) -> str:
        return str(_("Reconciliation %(number)s") % {"number": self.number})

    def get_absolute_url(self) -> str:
        return reverse("prescriptions:reconciliation", args=[self.project.slug, self.pk])
