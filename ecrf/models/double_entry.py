"""What was entered a second time, and what became of the differences."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.access.scope import Scope, ScopedQuerySet
from core.db import Record
from core.vault.fields import EncryptedJSONField
from ecrf.engine import Sheet
from ecrf.models.entries import Entry
from ecrf.models.forms import Form, FormVersion
from ecrf.models.paged import Paged, PagedQuerySet
from ecrf.models.subjects import Subject


class SecondEntry(Record):
    """What was entered the second time on one sheet: kept aside, in no export, count or query."""

    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="second_entries")
    form = models.ForeignKey(Form, on_delete=models.PROTECT, related_name="second_entries")
    version = models.ForeignKey(FormVersion, on_delete=models.PROTECT, related_name="+")
    event = models.CharField(max_length=100, blank=True)
    page = models.CharField(max_length=100, blank=True)
    instance = models.PositiveIntegerField(default=1)
    revision = models.PositiveIntegerField(default=0)
    values = EncryptedJSONField(project="subject__project")
    notes = EncryptedJSONField(project="subject__project", null=True)
    pages = models.JSONField(default=dict)
    """Of each page, how far it is, in counts."""
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    updated_at = models.DateTimeField(auto_now=True)

    objects = ScopedQuerySet.as_manager()
    scope: ClassVar = Scope(read="ecrf.save_records", project="subject__project", site="subject__site")

    class Meta:
        verbose_name = _("second entry")
        ordering = ["created_at"]
        constraints = [
            models.UniqueConstraint("subject", "form", "event", "page", "instance", name="one_second_entry_per_sheet"),
            models.CheckConstraint(condition=Q(instance__gte=1), name="second_instances_begin_with_one"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} · {self.form}"

    @property
    def sheet(self) -> Sheet:
        return Sheet(self.event, self.page, self.instance)

    @property
    def project_id(self) -> Any:
        return self.subject.project_id


class Reconciliation(Record):
    """A page whose two entries were made one: which items were compared and which differed, never a value."""

    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="reconciliations")
    second = models.ForeignKey(SecondEntry, on_delete=models.PROTECT, related_name="reconciliations")
    page = models.CharField(max_length=100)
    compared = ArrayField(models.CharField(max_length=100), default=list)
    differing = ArrayField(models.CharField(max_length=100), default=list)
    first_wrong = ArrayField(models.CharField(max_length=100), default=list)
    """Items whose final value isn't that of the first entry; `second_wrong`, of the second."""
    second_wrong = ArrayField(models.CharField(max_length=100), default=list)
    first_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    """Nobody where the participant answered himself."""
    second_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=500, blank=True)
    first_revision = models.PositiveIntegerField()
    second_revision = models.PositiveIntegerField()

    objects = PagedQuerySet.as_manager()
    scope: ClassVar = Scope(read="ecrf.read_records", project="entry__subject__project", site="entry__subject__site")
    paged: ClassVar = Paged("entry__form", "entry__subject__site", page="page")

    class Meta:
        verbose_name = _("reconciliation of two entries")
        ordering = ["created_at"]
        constraints = [models.UniqueConstraint("entry", "page", name="one_reconciliation_per_page")]

    def __str__(self) -> str:
        return f"{self.entry} · {self.page}"

    @property
    def project_id(self) -> Any:
        return self.entry.subject.project_id
