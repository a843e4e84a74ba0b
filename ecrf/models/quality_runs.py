"""Runs of quality rules and what they found."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.access.scope import Scope, ScopedQuerySet
from core.db import Record
from core.vault.fields import EncryptedJSONField
from ecrf.models.entries import Entry
from ecrf.models.forms import Form
from ecrf.models.paged import Paged, PagedQuerySet


class QualityRun(Record):
    """One run of some rules over all records of a form that its author may see."""

    form = models.ForeignKey(Form, on_delete=models.PROTECT, related_name="quality_runs")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    rules = ArrayField(models.CharField(max_length=40))
    """Letters of built-in rules, ids of own ones."""
    method = models.CharField(max_length=5, default="iqr")
    factor = models.FloatField(null=True)
    job = models.UUIDField(null=True)
    finished_at = models.DateTimeField(null=True)
    entries = models.PositiveIntegerField(default=0)
    counts = models.JSONField(default=dict)
    """Rule -> how often it was broken, what was put aside left out."""
    fences = EncryptedJSONField(project="form__project", null=True)
    """Item and event -> beyond what a number was an outlier."""
    aside = models.JSONField(default=dict)
    """Rule -> how often it was broken where somebody had said that this is no issue."""

    objects = ScopedQuerySet.as_manager()
    scope: ClassVar = Scope(read="ecrf.check_quality", project="form__project")

    class Meta:
        verbose_name = _("run of quality rules")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.form} {self.created_at:%Y-%m-%d %H:%M}"

    def get_absolute_url(self) -> str:
        return reverse("ecrf:quality_run", args=[self.form.project.slug, self.pk])

    @property
    def project_id(self) -> Any:
        return self.form.project_id


class QualityResult(Record):
    """A rule that a record broke at a run, and where."""

    run = models.ForeignKey(QualityRun, on_delete=models.CASCADE, related_name="results")
    rule = models.CharField(max_length=40)
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="+")
    page = models.CharField(max_length=100, blank=True)
    item = models.CharField(max_length=100)
    row = models.CharField(max_length=200, blank=True)
    code = models.CharField(max_length=40)
    params = models.JSONField(default=dict)
    aside = models.BooleanField(default=False)

    objects = PagedQuerySet.as_manager()
    scope: ClassVar = Scope(read="ecrf.read_records", project="entry__subject__project", site="entry__subject__site")
    paged: ClassVar = Paged("entry__form", "entry__subject__site", page="page")

    class Meta:
        verbose_name = _("finding of a quality rule")
        ordering = ["created_at"]
        indexes = [models.Index(fields=["run", "rule"], name="quality_results_of_run")]

    def __str__(self) -> str:
        return f"{self.entry.subject.number} · {self.item}"

    @property
    def project_id(self) -> Any:
        return self.entry.subject.project_id
