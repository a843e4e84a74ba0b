"""What was entered for a subject in a form: its present state, and every fragment that led to it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.access.scope import Scope, ScopedQuerySet
from core.db import Record
from core.vault.fields import EncryptedJSONField
from ecrf.models.forms import Form, FormVersion
from ecrf.models.subjects import Subject


class Entry(Record):
    """The values of one subject in one form, sealed; `revision` counts its fragments.

    `pages` tells for each page how far it is, in counts: lists need not open any value.
    """

    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="entries")
    form = models.ForeignKey(Form, on_delete=models.PROTECT, related_name="entries")
    version = models.ForeignKey(FormVersion, on_delete=models.PROTECT, related_name="entries")
    revision = models.PositiveIntegerField(default=0)
    values = EncryptedJSONField(project="subject__project")
    pages = models.JSONField(default=dict)
    is_complete = models.BooleanField(default=False)
    updated_at = models.DateTimeField(auto_now=True)
    updated_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    locked_at = models.DateTimeField(null=True)
    locked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    objects = ScopedQuerySet.as_manager()
    scope: ClassVar = Scope(read="ecrf.read_records", project="subject__project", site="subject__site")

    class Meta:
        verbose_name = _("record")
        ordering = ["created_at"]
        constraints = [
            models.UniqueConstraint("subject", "form", name="one_entry_per_subject_and_form"),
            models.CheckConstraint(
                condition=Q(locked_at=None, locked_by=None) | Q(locked_at__isnull=False, locked_by__isnull=False),
                name="lock_has_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject} · {self.form}"

    def get_absolute_url(self) -> str:
        return reverse("ecrf:entry", args=[self.subject.project.slug, self.subject_id, self.form.key])

    @property
    def project_id(self) -> Any:
        return self.subject.project_id


class Fragment(Record):
    """What one save changed; PostgreSQL refuses to change it. `keys` names the items, `values` is sealed."""

    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="fragments")
    number = models.PositiveIntegerField()
    previous = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="next")
    version = models.ForeignKey(FormVersion, on_delete=models.PROTECT, related_name="+")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    keys = ArrayField(models.CharField(max_length=100))
    values = EncryptedJSONField(project="entry__subject__project")
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name = _("fragment")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint("entry", "number", name="one_fragment_per_number"),
            models.CheckConstraint(
                condition=Q(number=1, previous=None) | Q(number__gt=1, previous__isnull=False), name="fragments_follow"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.entry_id} {self.number}"
