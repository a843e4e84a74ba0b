"""What of a study is to be verified against the source."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.access.scope import Scope, ScopedQuerySet
from core.db import Record
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
