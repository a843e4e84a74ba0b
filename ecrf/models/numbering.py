"""How the subjects of a study are numbered, and how far each count is: no number ever comes twice."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.access.models import Project
from core.access.scope import Scope, ScopedQuerySet
from core.db import Record

DEFAULT = "{site}-{sequence:03}"


class NumberingRule(Record):
    """The rule of a study; without a row, the number is the site's code and a sequence of three digits."""

    class Per(models.TextChoices):
        SITE = "site", _("each site counts for itself")
        STUDY = "study", _("one count for the whole study")

    class Check(models.TextChoices):
        NONE = "", pgettext_lazy("check digit", "none")
        LUHN = "luhn", _("one digit (Luhn, modulo 10)")
        DAMM = "damm", _("one digit (Damm)")
        MOD97 = "mod97", _("two digits (modulo 97)")

    project = models.OneToOneField(Project, on_delete=models.CASCADE, related_name="numbering_rule")
    pattern = models.CharField(_("pattern"), max_length=100, default=DEFAULT)
    per = models.CharField(pgettext_lazy("numbering", "count"), max_length=10, choices=Per.choices, default=Per.SITE)
    check_digit = models.CharField(_("check digit"), max_length=10, choices=Check.choices, blank=True, default="")
    typed = models.BooleanField(_("numbers are typed"), default=False)
    """Whether who includes types the number himself."""
    typed_pattern = models.CharField(_("what a typed number looks like"), max_length=200, blank=True)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField(auto_now=True)

    objects = ScopedQuerySet.as_manager()
    scope: ClassVar = Scope(read="ecrf.read_records")

    class Meta:
        verbose_name = _("rule of numbering")

    def __str__(self) -> str:
        return self.pattern


class NumberCount(Record):
    """The last number that was given in one count: of a site, a year, an arm, or of the study."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="number_counts")
    name = models.CharField(max_length=200)
    last = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("count of numbers")
        constraints = [models.UniqueConstraint("project", "name", name="one_count_per_name")]

    def __str__(self) -> str:
        return f"{self.name} {self.last}"
