"""Consents as they were given, refused and withdrawn."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.access.scope import Scope
from core.db import Record
from core.files.models import StoredFile
from core.vault.fields import EncryptedTextField
from ecrf.models.entries import Entry
from ecrf.models.forms import Form
from ecrf.models.paged import Paged, PagedQuerySet
from ecrf.models.subjects import Subject


class Consent(Record):
    """What a participant read and answered, archived as a PDF. PostgreSQL refuses to change it.

    Only a withdrawal, and the consent that came after, are added, each once. `version` is the information sheet's own;
    `sheet` is the digest of what was read, `digest` that of the PDF, both SHA-256.
    """

    class State(models.TextChoices):
        VALID = "valid", pgettext_lazy("state of a consent", "valid")
        REFUSED = "refused", pgettext_lazy("state of a consent", "refused")
        WITHDRAWN = "withdrawn", pgettext_lazy("state of a consent", "withdrawn")
        SUPERSEDED = "superseded", pgettext_lazy("state of a consent", "replaced by a later one")

    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="consents")
    form = models.ForeignKey(Form, on_delete=models.PROTECT, related_name="consents")
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="consents")
    page = models.CharField(max_length=100)
    version = models.CharField(_("version of the sheet"), max_length=60)
    language = models.CharField(_("language"), max_length=12)
    revision = models.PositiveIntegerField()
    is_given = models.BooleanField()
    signed_at = models.DateTimeField()
    obtained_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    """Who was there; nobody where the participant did it himself."""
    sheet = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)
    file = models.OneToOneField(StoredFile, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    withdrawal_reason = EncryptedTextField(project="subject__project", null=True)
    superseded_by = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="supersedes")

    objects = PagedQuerySet.as_manager()
    scope: ClassVar = Scope(read="ecrf.read_records", project="subject__project", site="subject__site")
    paged: ClassVar = Paged("form", "subject__site", page="page")

    class Meta:
        verbose_name = _("consent")
        ordering = ["-signed_at"]
        constraints = [
            models.UniqueConstraint(
                "subject", "form", "page", condition=Q(superseded_by=None), name="one_present_consent_per_page"
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None, withdrawal_reason__isnull=True)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False, withdrawal_reason__isnull=False),
                name="a_withdrawal_has_somebody_and_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.version}"

    def get_absolute_url(self) -> str:
        return reverse("ecrf:consent", args=[self.subject.project.slug, self.pk])

    @property
    def project_id(self) -> Any:
        return self.subject.project_id

    @property
    def state(self) -> State:
        if self.superseded_by_id is not None:
            return self.State.SUPERSEDED
        if self.withdrawn_at is not None:
            return self.State.WITHDRAWN
        return self.State.VALID if self.is_given else self.State.REFUSED

    @property
    def is_valid(self) -> bool:
        return self.state is self.State.VALID
