"""Allocation to the arms of a trial: the scheme, its strata and table, who was allocated, who was unblinded."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.access.models import Project
from core.access.scope import Scope, ScopedQuerySet
from core.db import Record
from core.vault.fields import EncryptedTextField
from ecrf.models.forms import Form


def person(**options: Any) -> Any:
    return models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", **options)


class Scheme(Record):
    """How the subjects of a study come to their arm. PostgreSQL refuses to change it once it has been opened."""

    class Method(models.TextChoices):
        BLOCKS = "blocks", _("Permuted blocks")
        UPLOADED = "uploaded", _("A table made elsewhere")
        MINIMISATION = "minimisation", _("Minimisation")

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        OPEN = "open", _("Open")
        CLOSED = "closed", _("Closed")

    class Measure(models.TextChoices):
        RANGE = "range", _("Range")
        VARIANCE = "variance", _("Variance")
        DEVIATION = "deviation", _("Standard deviation")

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="schemes")
    form = models.ForeignKey(Form, on_delete=models.PROTECT, related_name="schemes")
    name = models.CharField(_("name"), max_length=200)
    method = models.CharField(_("method"), max_length=20, choices=Method.choices)
    status = models.CharField(_("state"), max_length=10, choices=Status.choices, default=Status.DRAFT)
    arms = models.JSONField()
    """``[{"code", "label", "ratio"}]``."""
    strata = ArrayField(models.CharField(max_length=100), default=list)
    """Keys of items with one choice."""
    by_site = models.BooleanField(default=False)
    sizes = ArrayField(models.PositiveSmallIntegerField(), default=list)
    length = models.PositiveIntegerField(default=0)
    weights = models.JSONField(default=dict)
    measure = models.CharField(max_length=10, choices=Measure.choices, default=Measure.RANGE)
    probability = models.DecimalField(max_digits=4, decimal_places=3, default="0.8")
    eligibility = models.JSONField(null=True)
    """The condition that a subject must meet, as an expression."""
    blinded = models.BooleanField(default=False)
    form_arms = models.JSONField(default=dict, db_default={})
    """The arm of the form that each arm means, where an allocation is to say which events a subject has."""
    seed = EncryptedTextField(null=True)
    made_by = person()
    opened_at = models.DateTimeField(null=True)

    objects = ScopedQuerySet.as_manager()
    scope: ClassVar = Scope(read="ecrf.read_records")

    class Meta:
        verbose_name = _("randomisation scheme")
        ordering = ["created_at"]
        constraints = [
            models.UniqueConstraint(
                "project",
                "name",
                name="one_scheme_per_name",
                violation_error_message=_("Another scheme has this name."),
            ),
            models.CheckConstraint(
                condition=Q(status="draft", opened_at=None) | Q(~Q(status="draft"), opened_at__isnull=False),
                name="open_scheme_has_a_moment",
            ),
            models.CheckConstraint(
                condition=Q(blinded=False) | Q(form_arms={}),
                name="blinded_scheme_tells_no_arm",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("ecrf:scheme", args=[self.project.slug, self.pk])

    @property
    def is_table(self) -> bool:
        """Whether subjects take the places of a table, and aren't drawn when they come."""
        return self.method != self.Method.MINIMISATION

    @property
    def labels(self) -> dict[str, str]:
        return {arm["code"]: arm["label"] for arm in self.arms}
