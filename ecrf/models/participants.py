"""Who answers for himself: how he is reached, sealed, apart from what he answers."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.access.scope import Scope, ScopedQuerySet
from core.db import Record
from core.vault.fields import EncryptedTextField
from ecrf.models.subjects import Subject


class Participant(Record):
    """The contact of a subject. It can be erased without touching what he answered."""

    subject = models.OneToOneField(Subject, on_delete=models.CASCADE, related_name="participant")
    email = EncryptedTextField(project="subject__project", null=True)
    phone = EncryptedTextField(project="subject__project", null=True)
    language = models.CharField(_("language"), max_length=10)
    unsubscribed_at = models.DateTimeField(null=True)
    bounced_at = models.DateTimeField(null=True)
    """Since when his address takes no mail."""
    checked_at = models.DateTimeField(null=True)
    """When it was last looked at which questionnaires are due."""

    objects = ScopedQuerySet.as_manager()
    scope: ClassVar = Scope(read="ecrf.manage_participants", project="subject__project", site="subject__site")

    class Meta:
        verbose_name = _("participant")
        ordering = ["subject__site__code", "subject__sequence"]

    def __str__(self) -> str:
        return str(self.subject)

    @property
    def project_id(self) -> Any:
        return self.subject.project_id

    @property
    def is_mailed(self) -> bool:
        return bool(self.email) and self.unsubscribed_at is None and self.bounced_at is None
