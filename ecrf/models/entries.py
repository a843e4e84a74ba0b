"""What was entered for a subject: one entry per sheet of his casebook, and every fragment that led to it."""

from __future__ import annotations

from typing import Any, ClassVar
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Func, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.access.scope import Scope
from core.db import Record
from core.vault.fields import EncryptedJSONField, EncryptedTextField
from ecrf.engine import Sheet
from ecrf.models.forms import Form, FormVersion
from ecrf.models.paged import Paged, PagedQuerySet
from ecrf.models.subjects import Subject

THE_PARTICIPANT = _("the participant")


class Entry(Record):
    """The values of one subject on one sheet, sealed; `revision` counts its fragments.

    A sheet is what an event asks once, or one copy of a page that repeats. `pages` tells for each page how far it is,
    in counts: lists need not open any value.
    """

    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="entries")
    form = models.ForeignKey(Form, on_delete=models.PROTECT, related_name="entries")
    version = models.ForeignKey(FormVersion, on_delete=models.PROTECT, related_name="entries")
    event = models.CharField(max_length=100, blank=True, default="", db_default="")
    page = models.CharField(max_length=100, blank=True, default="", db_default="")
    instance = models.PositiveIntegerField(default=1, db_default=1)
    revision = models.PositiveIntegerField(default=0)
    values = EncryptedJSONField(project="subject__project")
    notes = EncryptedJSONField(project="subject__project", null=True)
    scripts = EncryptedJSONField(project="subject__project", null=True)
    """What page scripts keep beside the values, by page: see `services.scripted`."""
    tags = ArrayField(models.CharField(max_length=20), default=list, db_default=[])
    imported = EncryptedJSONField(project="subject__project", null=True)
    """How the file that it came from spelt its values and told the state of its pages: of one revision."""
    title = EncryptedTextField(project="subject__project", null=True)
    pages = models.JSONField(default=dict)
    marks = models.GeneratedField(
        expression=Func(F("pages"), function="ecrf_page_marks"),
        output_field=ArrayField(models.CharField(max_length=220)),
        db_persist=True,
    )
    """Of each page its state, ``key=complete``, and ``key+missing``, ``key+errors``, ``key+warnings``: for filters."""
    is_complete = models.BooleanField(default=False)
    updated_at = models.DateTimeField(auto_now=True)
    updated_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    """Nobody where the participant saved last."""
    locked_at = models.DateTimeField(null=True)
    locked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    removed_at = models.DateTimeField(null=True)
    removed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    objects = PagedQuerySet.as_manager()
    scope: ClassVar = Scope(read="ecrf.read_records", project="subject__project", site="subject__site")
    paged: ClassVar = Paged("form", "subject__site", page="page")

    class Meta:
        verbose_name = _("record")
        ordering = ["created_at"]
        constraints = [
            models.UniqueConstraint("subject", "form", "event", "page", "instance", name="one_entry_per_sheet"),
            models.CheckConstraint(condition=Q(instance__gte=1), name="instances_begin_with_one"),
            models.CheckConstraint(
                condition=Q(locked_at=None, locked_by=None) | Q(locked_at__isnull=False, locked_by__isnull=False),
                name="lock_has_somebody",
            ),
            models.CheckConstraint(
                condition=Q(removed_at=None, removed_by=None) | Q(removed_at__isnull=False, removed_by__isnull=False),
                name="removal_has_somebody",
            ),
        ]
        indexes = [
            models.Index(fields=["subject", "updated_at"], name="entry_activity"),
            GinIndex(fields=["marks"], name="entry_marks"),
            GinIndex(fields=["tags"], name="entry_tags", condition=~Q(tags=[])),
        ]

    def __str__(self) -> str:
        return f"{self.subject} · {self.form}"

    def get_absolute_url(self) -> str:
        return sheet_url("entry", self.subject, self.form.key, self.sheet)

    @property
    def sheet(self) -> Sheet:
        return Sheet(self.event, self.page, self.instance)

    @property
    def saved_by(self) -> str:
        """Who saved last, as people read it."""
        return str(self.updated_by or THE_PARTICIPANT)

    @property
    def project_id(self) -> Any:
        return self.subject.project_id


def sheet_url(name: str, subject: Subject, form: str, sheet: Sheet, **query: str) -> str:
    """The address of a page about one sheet of a subject."""
    address = reverse(f"ecrf:{name}", args=[subject.project.slug, subject.pk, form])
    asked = {
        "event": sheet.event,
        "of": sheet.page,
        "instance": str(sheet.instance) if sheet.instance > 1 else "",
    } | query
    words = urlencode({name: value for name, value in asked.items() if value})
    return f"{address}?{words}" if words else address
