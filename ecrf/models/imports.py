"""Files of data on their way into the records: read, tried, looked at, saved, and undone while nothing has changed."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.access.models import Project
from core.access.scope import Scope, ScopedQuerySet
from core.db import Record
from core.files.models import StoredFile
from core.jobs.models import Job
from core.vault.fields import EncryptedJSONField
from ecrf.models.entries import Entry
from ecrf.models.forms import Form


class DataImport(Record):
    """A file of data and what became of it. What it would change is sealed: it holds values; `counts` holds none."""

    class State(models.TextChoices):
        CHECKING = "checking", pgettext_lazy("state of an import", "Being checked")
        FAULTY = "faulty", pgettext_lazy("state of an import", "To correct")
        READY = "ready", pgettext_lazy("state of an import", "Ready to be saved")
        SAVING = "saving", pgettext_lazy("state of an import", "Being saved")
        DONE = "done", pgettext_lazy("state of an import", "Saved")
        UNDONE = "undone", pgettext_lazy("state of an import", "Undone")
        DISCARDED = "discarded", pgettext_lazy("state of an import", "Discarded")

    class Empty(models.TextChoices):
        KEEP = "keep", _("An empty cell changes nothing")
        CLEAR = "clear", _("An empty cell empties the field")

    class Subjects(models.TextChoices):
        REFUSE = "refuse", _("Refuse the file")
        CREATE = "create", _("Include them under their numbers")

    class Signed(models.TextChoices):
        REFUSE = "refuse", _("Refuse the file")
        UNDO = "undo", _("Save, and the signatures no longer hold")

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="data_imports")
    form = models.ForeignKey(Form, on_delete=models.PROTECT, related_name="data_imports")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    source = models.CharField(_("file"), max_length=200)
    format = models.CharField(_("format"), max_length=20, blank=True)
    file = models.ForeignKey(StoredFile, null=True, on_delete=models.PROTECT, related_name="+")
    empty = models.CharField(max_length=10, choices=Empty.choices, default=Empty.KEEP)
    subjects = models.CharField(max_length=10, choices=Subjects.choices, default=Subjects.CREATE)
    signed = models.CharField(max_length=10, choices=Signed.choices, default=Signed.REFUSE)
    site = models.CharField(max_length=50, blank=True)
    """The code of the site of new subjects whose rows name none."""
    reason = models.CharField(max_length=500, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.CHECKING)
    counts = models.JSONField(default=dict)
    report = EncryptedJSONField(null=True)
    """``{"faults", "warnings", "changes"}``: the first of each, with rows, columns, words and values."""
    basis = models.CharField(max_length=64, blank=True)
    """A digest of all that was there when it was tried: the form's version, the revisions of the records."""
    job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="+")
    done_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    objects = ScopedQuerySet.as_manager()
    scope: ClassVar = Scope(read="ecrf.import_records")

    class Meta:
        verbose_name = _("import of data")
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(undone_at=None, undone_by=None)
                | models.Q(undone_at__isnull=False, undone_by__isnull=False, done_at__isnull=False),
                name="an_import_is_undone_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return self.source

    def get_absolute_url(self) -> str:
        return reverse("ecrf:data_import", args=[self.project.slug, self.pk])


class ImportedEntry(models.Model):
    """What an import did to one record: from which revision to which, and which pages were complete before."""

    data_import = models.ForeignKey(DataImport, on_delete=models.CASCADE, related_name="entries")
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="imports")
    before = models.PositiveIntegerField()
    """The revision before, 0 for a record that is new."""
    after = models.PositiveIntegerField()
    complete = ArrayField(models.CharField(max_length=100), default=list)

    class Meta:
        verbose_name = _("imported record")
        constraints = [models.UniqueConstraint("data_import", "entry", name="one_line_per_imported_record")]

    def __str__(self) -> str:
        return f"{self.data_import_id} {self.entry_id}"

    @property
    def project_id(self) -> Any:
        return self.data_import.project_id
