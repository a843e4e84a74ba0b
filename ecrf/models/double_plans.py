"""Which pages are entered twice, by whom, and who settles the differences."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.access.models import Role
from core.access.scope import Scope, ScopedQuerySet
from core.db import Record
from ecrf.models.forms import Form


class DoubleEntryPlan(Record):
    """Which pages of a form are entered twice, who enters them the second time, and who settles the differences.

    Who holds a second role doesn't see these pages otherwise: the second entry is blind.
    """

    class Settles(models.TextChoices):
        THIRD = "third", _("a third person")
        SECOND = "second", _("a third person, or who made the second entry")

    form = models.OneToOneField(Form, on_delete=models.PROTECT, related_name="double_entry")
    pages = ArrayField(models.CharField(max_length=100), default=list)
    second_roles = models.ManyToManyField(Role, related_name="+")
    settles = models.CharField(_("who settles"), max_length=10, choices=Settles, default=Settles.THIRD)
    holds_back = models.BooleanField(default=True)
    """A page is neither completed nor signed before it is reconciled."""

    objects = ScopedQuerySet.as_manager()
    scope: ClassVar = Scope(read="ecrf.read_records", project="form__project")

    class Meta:
        verbose_name = _("plan of double entry")
        ordering = ["created_at"]

    def __str__(self) -> str:
        return str(self.form)

    @property
    def project_id(self) -> Any:
        return self.form.project_id
