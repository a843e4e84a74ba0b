"""Dictionaries that free text is coded with: each load is a version of its own, whose terms don't change."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.access.models import Project
from core.access.scope import Scope, ScopedQuerySet
from core.db import Record


class Dictionary(Record):
    """One version of a dictionary, of a project or for all projects of its organisation."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="dictionaries")
    key = models.SlugField(_("key"), max_length=50)
    title = models.CharField(_("title"), max_length=200)
    number = models.PositiveIntegerField()
    """The how-manieth load of this key it is."""
    version = models.CharField(_("version"), max_length=50)
    kind = models.CharField(max_length=20)
    language = models.CharField(max_length=12, blank=True)
    licence = models.TextField(_("licence"), blank=True)
    levels = ArrayField(models.CharField(max_length=100), default=list)
    """What the levels above a term are called, the highest first."""
    shared = models.BooleanField(default=False)
    terms_count = models.PositiveIntegerField(default=0)
    loaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = ScopedQuerySet.as_manager()
    scope: ClassVar = Scope(read="ecrf.read_records")

    class Meta:
        verbose_name = _("dictionary")
        ordering = ["key", "-number"]
        constraints = [models.UniqueConstraint("project", "key", "number", name="one_dictionary_per_number")]

    def __str__(self) -> str:
        return f"{self.title} {self.version}"


class Term(models.Model):
    """A term that text may be coded with, and what it belongs to."""

    dictionary = models.ForeignKey(Dictionary, on_delete=models.CASCADE, related_name="terms")
    code = models.CharField(max_length=60)
    label = models.CharField(max_length=500)
    folded = models.CharField(max_length=500)
    """The label as one searches for it, and `words`, with the synonyms."""
    words = models.TextField()
    synonyms = ArrayField(models.CharField(max_length=500), default=list)
    path = models.JSONField(default=list)
    """What it belongs to, the highest first: pairs of code and label."""
    current = models.BooleanField(default=True)

    class Meta:
        verbose_name = _("term")
        ordering = ["label"]
        constraints = [models.UniqueConstraint("dictionary", "code", name="one_term_per_code")]
        indexes = [
            models.Index(fields=["dictionary", "folded"], name="terms_by_label"),
            GinIndex(fields=["words"], opclasses=["gin_trgm_ops"], name="terms_by_words"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.label}"

    @property
    def project_id(self) -> Any:
        return self.dictionary.project_id
