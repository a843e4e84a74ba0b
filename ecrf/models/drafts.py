"""Forms on the way to be published."""

from __future__ import annotations

from functools import cached_property
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from core.access.models import Project
from core.access.scope import Scope, ScopedQuerySet
from core.db import Record
from ecrf import engine
from ecrf.engine.drafting import digest
from ecrf.models.forms import Form, FormVersion


class Draft(Record):
    """A definition on the way to a version: read from a file or built, perhaps unfinished, saved as it is.

    `problems` are the faults of its present state (place, code, params): while there are any it can't be published.
    `revision` counts its saves; two people never overwrite each other. `base` is the version that it was begun from.
    `impact` is what a job counted on the entries that exist, with the digest of the state that it looked at.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="form_drafts")
    form = models.ForeignKey(Form, null=True, on_delete=models.CASCADE, related_name="drafts")
    key = models.SlugField(max_length=50)
    title = models.CharField(max_length=200)
    definition = models.JSONField()
    warnings = models.JSONField(default=list)
    source = models.CharField(max_length=200)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    base = models.ForeignKey(FormVersion, null=True, on_delete=models.PROTECT, related_name="+")
    revision = models.PositiveIntegerField(default=1, db_default=1)
    problems = models.JSONField(default=list, db_default=[])
    impact = models.JSONField(null=True)
    updated_at = models.DateTimeField(auto_now=True, db_default=Now())
    updated_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    objects = ScopedQuerySet.as_manager()
    scope: ClassVar = Scope(read="ecrf.design_forms")

    class Meta:
        verbose_name = _("draft of a form")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.title

    @cached_property
    def loaded(self) -> engine.Definition:
        """Raises Refused while the draft is unfinished."""
        return engine.load(self.definition)

    @property
    def is_sound(self) -> bool:
        return not self.problems

    @property
    def digest(self) -> str:
        return digest(self.definition)
