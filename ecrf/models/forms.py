"""Forms of a project, their published versions, and drafts on the way to one."""

from __future__ import annotations

from functools import cached_property
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from core.access.models import Project
from core.access.scope import Scope, ScopedQuerySet
from core.db import Record
from ecrf import engine
from ecrf.engine.goupile.learning import with_learned


class Form(Record):
    """A case report form of a project; what it asks is in its versions."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="forms")
    key = models.SlugField(_("key"), max_length=50)
    title = models.CharField(_("title"), max_length=200)
    current = models.OneToOneField("FormVersion", null=True, on_delete=models.PROTECT, related_name="+")

    objects = ScopedQuerySet.as_manager()
    scope: ClassVar = Scope(read="ecrf.read_records")

    class Meta:
        verbose_name = _("form")
        ordering = ["created_at"]
        constraints = [
            models.UniqueConstraint(
                "project", "key", name="one_form_per_key", violation_error_message=_("Another form has this key.")
            )
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("ecrf:form", args=[self.project.slug, self.key])

    @property
    def published(self) -> FormVersion:
        """The current version of a form that has one."""
        assert self.current is not None
        return self.current


class FormVersion(Record):
    """What a form asked from a date on. PostgreSQL refuses to change it."""

    form = models.ForeignKey(Form, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    definition = models.JSONField()
    hash = models.CharField(max_length=64)
    source = models.CharField(max_length=200)
    warnings = models.JSONField(default=list)
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = ScopedQuerySet.as_manager()
    scope: ClassVar = Scope(read="ecrf.read_records", project="form__project")

    class Meta:
        verbose_name = _("version of a form")
        ordering = ["-number"]
        constraints = [models.UniqueConstraint("form", "number", name="one_form_version_per_number")]

    def __str__(self) -> str:
        return f"{self.form.key} {self.number}"

    @property
    def project_id(self) -> object:
        return self.form.project_id

    @cached_property
    def loaded(self) -> engine.Definition:
        """What it asks, read from the database once; on script pages also what only their runs have shown so far."""
        published = engine.remember(self.hash, lambda: self.definition)
        if not any("script" in page.spec for page in published.pages):
            return published
        found = self.form.script_variables.select_related("form__project")
        return engine.load(with_learned(published.data, [(one.page, one.key, one.spec) for one in found]))


def reader_language() -> str:
    """The language in which labels are wanted now."""
    return (get_language() or "fr").split("-")[0]
