"""Verification against the source: what is to be compared, and what was, at which revision."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.access.scope import Scope, ScopedQuerySet
from core.db import Record
from ecrf.models.entries import Entry
from ecrf.models.forms import Form


def new_seed() -> str:
    return uuid.uuid4().hex


class VerificationPlan(Record):
    """What of a form is compared with the source; without a row, everything of everybody."""

    class Subjects(models.TextChoices):
        ALL = "all", pgettext_lazy("subjects to verify", "All subjects")
        FIRST = "first", pgettext_lazy("subjects to verify", "The first of each site")
        SHARE = "share", pgettext_lazy("subjects to verify", "A random share")
        NONE = "none", pgettext_lazy("subjects to verify", "Nobody as a whole")

    form = models.OneToOneField(Form, on_delete=models.CASCADE, related_name="verification_plan")
    subjects = models.CharField(_("Subjects"), max_length=10, choices=Subjects, default=Subjects.ALL)
    first = models.PositiveIntegerField(_("How many of each site"), default=3, validators=[MinValueValidator(1)])
    percent = models.PositiveIntegerField(
        _("Share in per cent"), default=20, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    items = ArrayField(models.CharField(max_length=100), default=list, blank=True)
    """The critical ones, which are verified for every subject; everything is for the chosen ones."""
    seed = models.CharField(max_length=40, default=new_seed)

    objects = ScopedQuerySet.as_manager()
    scope: ClassVar = Scope(read="ecrf.read_records", project="form__project")

    class Meta:
        verbose_name = _("plan of verification")

    def __str__(self) -> str:
        return str(self.form)

    @property
    def project_id(self) -> Any:
        return self.form.project_id


class Verification(Record):
    """A value that was compared with the source, and agreed, as it stood at a revision."""

    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="verifications")
    item = models.CharField(max_length=100)
    revision = models.PositiveIntegerField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    outdated_at = models.DateTimeField(null=True)
    """Since when the value is another one, which is to be verified anew."""
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    objects = ScopedQuerySet.as_manager()
    scope: ClassVar = Scope(read="ecrf.read_records", project="entry__subject__project", site="entry__subject__site")

    class Meta:
        verbose_name = _("verification")
        ordering = ["created_at"]
        constraints = [
            models.UniqueConstraint(
                "entry", "item", condition=Q(outdated_at=None, withdrawn_at=None), name="one_verification_that_counts"
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
                name="withdrawal_has_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.entry_id} {self.item}"
