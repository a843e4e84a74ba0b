"""What a study expects of its sites, and how it follows them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.access.models import Project, Site
from core.access.scope import Scope, ScopedQuerySet
from core.db import Record


class Target(Record):
    """How many subjects are to be included in a month, at one site or, without one, in the study as a whole."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="+")
    site = models.ForeignKey(Site, null=True, on_delete=models.PROTECT, related_name="+")
    month = models.DateField()
    """The first day of the month."""
    subjects = models.PositiveIntegerField()

    objects = ScopedQuerySet.as_manager()
    scope: ClassVar = Scope(read="ecrf.read_records")

    class Meta:
        verbose_name = _("target of inclusion")
        ordering = ["month"]
        constraints = [
            models.UniqueConstraint(
                "project", "site", "month", nulls_distinct=False, name="one_target_per_site_and_month"
            ),
            models.CheckConstraint(condition=Q(month__day=1), name="targets_are_of_a_month"),
        ]

    def __str__(self) -> str:
        return f"{self.site or self.project} {self.month:%Y-%m}"


class Following(Record):
    """How a study is followed: whether sites are told of overdue visits, and the steps from screening to the end."""

    project = models.OneToOneField(Project, on_delete=models.PROTECT, related_name="+")
    tells_overdue = models.BooleanField(default=False)
    grace = models.PositiveSmallIntegerField(default=0)
    """So many days after its window a visit is told of."""
    steps = models.JSONField(default=list)
    """``[{form, event, page}]``: a subject has taken a step when its page is complete, or its event begun."""

    objects = ScopedQuerySet.as_manager()
    scope: ClassVar = Scope(read="ecrf.read_records")

    class Meta:
        verbose_name = _("following of a study")

    def __str__(self) -> str:
        return str(self.project)
