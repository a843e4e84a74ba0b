"""Rules of data quality, their runs over all records, and what they found: keys only, no value."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.access.scope import Scope, ScopedQuerySet
from core.db import Record
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
