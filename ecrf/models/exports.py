"""Exports of records: what was asked, by whom, what came of it. The row outlives its file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.access.scope import Scope, ScopedQuerySet
from core.db import Record
from core.files.models import StoredFile
from ecrf import permissions
from ecrf.models.forms import Form, FormVersion

if TYPE_CHECKING:
    from core.access.scope import Actor


class ExportQuerySet(ScopedQuerySet["Export"]):
    def visible_to(self, actor: Actor, permission: str | None = None) -> Self:
        """Everybody who may export something sees what was exported; the files are another matter."""
        if permission is not None:
            return super().visible_to(actor, permission)
        rows = self.none()
        for code in permissions.EXPORTS:
            rows |= super().visible_to(actor, code)
        return rows


class Export(Record):
    """One export of a form's records, asked for by a person or a schedule; its state is its job's.

    `marks` is what it handed out: 16 bytes of each record's key and 8 of what it was, so that a later export knows
    exactly what is new since, also where a save was not committed when the first one read.
    """

    form = models.ForeignKey(Form, on_delete=models.PROTECT, related_name="exports")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    format = models.CharField(max_length=40)
    choices = models.JSONField(default=dict)
    level = models.CharField(max_length=20)
    """How much of the persons it may hold: ``full``, ``coded`` or ``deidentified``."""
    scheduled = models.BooleanField(default=False)
    since = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="+")
    job = models.UUIDField(null=True)
    finished_at = models.DateTimeField(null=True)
    version = models.ForeignKey(FormVersion, null=True, on_delete=models.PROTECT, related_name="+")
    file = models.OneToOneField(StoredFile, null=True, on_delete=models.PROTECT, related_name="+")
    file_name = models.CharField(max_length=200, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    """Of the file as it is downloaded."""
    subjects = models.PositiveIntegerField(default=0)
    records = models.PositiveIntegerField(default=0)
    removed = models.PositiveIntegerField(default=0)
    """Records that the export before had and this one can't have any more."""
    losses = models.JSONField(default=list)
    held = models.JSONField(default=dict)
    """Site -> page -> level: what whoever downloads it must be allowed to export."""
    marks = models.BinaryField(default=bytes)
    keep_until = models.DateTimeField(null=True)
    erased_at = models.DateTimeField(null=True)

    objects = ExportQuerySet.as_manager()
    scope: ClassVar = Scope(read=permissions.EXPORT_DEIDENTIFIED, project="form__project")

    class Meta:
        verbose_name = _("export")
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["form", "-created_at"], name="exports_of_form")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(finished_at__isnull=False) | models.Q(file=None), name="exported_file_is_finished"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.form} {self.created_at:%Y-%m-%d %H:%M}"

    def get_absolute_url(self) -> str:
        return reverse("ecrf:export_detail", args=[self.form.project.slug, self.pk])

    @property
    def project_id(self) -> Any:
        return self.form.project_id

    @property
    def has_file(self) -> bool:
        return self.file_id is not None and self.erased_at is None
