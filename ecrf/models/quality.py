"""Rules of data quality, their runs over all records, and what they found: keys only, no value."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.access.scope import Scope, ScopedQuerySet
from core.db import Record
from core.vault.fields import EncryptedJSONField, EncryptedTextField
from ecrf.models.entries import Entry
from ecrf.models.forms import Form


class QualityRule(Record):
    """A rule of the study's own; what it says is in its versions."""

    form = models.ForeignKey(Form, on_delete=models.PROTECT, related_name="quality_rules")
    name = models.CharField(_("name"), max_length=150)
    current = models.OneToOneField("QualityRuleVersion", null=True, on_delete=models.PROTECT, related_name="+")
    retired_at = models.DateTimeField(null=True)

    objects = ScopedQuerySet.as_manager()
    scope: ClassVar = Scope(read="ecrf.read_records", project="form__project")

    class Meta:
        verbose_name = _("quality rule")
        ordering = ["created_at"]
        constraints = [
            models.UniqueConstraint(
                "form",
                "name",
                condition=models.Q(retired_at=None),
                name="one_quality_rule_per_name",
                violation_error_message=_("Another rule has this name."),
            )
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("ecrf:quality_rule", args=[self.form.project.slug, self.pk])

    @property
    def project_id(self) -> Any:
        return self.form.project_id

    @property
    def text(self) -> QualityRuleVersion:
        """The current version of a rule, which it has from its first moment on."""
        assert self.current is not None
        return self.current


class QualityRuleVersion(Record):
    """What a rule said from a date on. PostgreSQL refuses to change it."""

    class Severity(models.TextChoices):
        WARN = "warn", pgettext_lazy("what a rule does", "Says it")
        QUERY = "query", pgettext_lazy("what a rule does", "Opens a query at each save")

    rule = models.ForeignKey(QualityRule, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    text = models.CharField(max_length=5000)
    tree = models.JSONField()
    item = models.CharField(max_length=100)
    message = models.CharField(max_length=500)
    severity = models.CharField(max_length=10, choices=Severity, default=Severity.WARN)
    at_save = models.BooleanField(default=False)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("version of a quality rule")
        ordering = ["-number"]
        constraints = [models.UniqueConstraint("rule", "number", name="one_quality_version_per_number")]

    def __str__(self) -> str:
        return f"{self.rule_id} {self.number}"

    @property
    def key(self) -> str:
        """Its name among the checks of a form."""
        return f"rule_{self.rule_id.hex}"


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

    objects = ScopedQuerySet.as_manager()
    scope: ClassVar = Scope(read="ecrf.read_records", project="entry__subject__project", site="entry__subject__site")

    class Meta:
        verbose_name = _("finding of a quality rule")
        ordering = ["created_at"]
        indexes = [models.Index(fields=["run", "rule"], name="quality_results_of_run")]

    def __str__(self) -> str:
        return f"{self.entry.subject.number} · {self.item}"

    @property
    def project_id(self) -> Any:
        return self.entry.subject.project_id


class QualityExclusion(Record):
    """Somebody looked at what a rule says of a value, and it is no issue; holds as long as the value is the same."""

    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="quality_exclusions")
    rule = models.CharField(max_length=40)
    item = models.CharField(max_length=100)
    row = models.CharField(max_length=200, blank=True)
    value = EncryptedJSONField(project="entry__subject__project", null=True)
    reason = EncryptedTextField(project="entry__subject__project")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)

    objects = ScopedQuerySet.as_manager()
    scope: ClassVar = Scope(read="ecrf.read_records", project="entry__subject__project", site="entry__subject__site")

    class Meta:
        verbose_name = _("finding put aside")
        ordering = ["created_at"]
        constraints = [
            models.UniqueConstraint(
                "entry", "rule", "item", "row", condition=models.Q(withdrawn_at=None), name="one_exclusion_per_finding"
            )
        ]

    def __str__(self) -> str:
        return f"{self.entry_id} {self.rule} {self.item}"

    @property
    def project_id(self) -> Any:
        return self.entry.subject.project_id
