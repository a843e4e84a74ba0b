"""Casebooks that were printed by a job, for who asked, for some days."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.access.scope import Scope, ScopedQuerySet
from core.db import Record
from core.files.models import StoredFile
from ecrf.models.forms import Form
from ecrf.models.subjects import Subject


class Printout(Record):
    """The PDF of a casebook. Only who asked for it gets it, while he may still read what it holds."""

    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="printouts")
    form = models.ForeignKey(Form, on_delete=models.PROTECT, related_name="+")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    identifiers = models.BooleanField()
    history = models.BooleanField()
    file = models.OneToOneField(StoredFile, on_delete=models.PROTECT, related_name="+")

    objects = ScopedQuerySet.as_manager()
    scope: ClassVar = Scope(read="ecrf.read_records", project="subject__project", site="subject__site")

    class Meta:
        verbose_name = _("printed casebook")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def project_id(self) -> Any:
        return self.subject.project_id
